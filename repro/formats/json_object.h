// JSON text of one object, written as it comes. A tree of values, which is what the library makes
// first, takes several allocations for each key: too much for the thousands of events of a trace.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <utility>

namespace rmap {

class JsonObject {
 public:
  // In the order of the keys, as the library prints them.
  JsonObject& put(std::string_view key, std::string_view value);
  template <std::integral T>
  JsonObject& put(std::string_view key, T value) {
    if constexpr (std::same_as<T, bool>) return put_json(key, value ? "true" : "false");
    return put_json(key, std::to_string(value));
  }
  JsonObject& put_json(std::string_view key, std::string_view json);  // A value as JSON text.
  // Ends it.
  std::string text() {
    text_ += '}';
    return std::move(text_);
  }

 private:
  std::string text_ = "{";
};

}  // namespace rmap
