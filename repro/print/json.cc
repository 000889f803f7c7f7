// SPDX-License-Identifier: Apache-2.0
#include "repro/print/json.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace rmap {

std::string json_text(std::string_view schema, nlohmann::json object) {
  object["schema"] = fmt::format("rmapfuzz/{}", schema);
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void print_json(const Io& io, std::string_view schema, nlohmann::json object) {
  io.out << json_text(schema, std::move(object)) << "\n" << std::flush;
}

}  // namespace rmap
