// SPDX-License-Identifier: Apache-2.0
#include "repro/formats/json_object.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace rmap {
namespace {

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= 0x20 && c < 0x7f && c != '"' && c != '\\'; });
}

}  // namespace

JsonObject& JsonObject::put(std::string_view key, std::string_view value) {
  if (!is_plain(value)) {
    const nlohmann::json other = value;
    return put_json(key, other.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  }
  put_json(key, "\"");
  text_ += value;
  text_ += '"';
  return *this;
}

JsonObject& JsonObject::put_json(std::string_view key, std::string_view json) {
  if (text_.size() > 1) text_ += ',';
  text_ += '"';
  text_ += key;
  text_ += "\":";
  text_ += json;
  return *this;
}

}  // namespace rmap
