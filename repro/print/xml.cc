// SPDX-License-Identifier: Apache-2.0
#include "repro/print/xml.h"

#include "core/text/utf8.h"

namespace rmap {
namespace {

// The number of bytes of the character that `text` begins with, 0 if XML 1.0 has none such.
std::size_t character_size(std::string_view text) {
  const auto first = static_cast<unsigned char>(text[0]);
  const bool is_control = first < 0x20 && first != '\t' && first != '\n';
  const bool is_none = text.starts_with("\xef\xbf\xbe") || text.starts_with("\xef\xbf\xbf");
  return is_control || is_none ? 0 : utf8_size(text);
}

}  // namespace

std::string xml_escaped(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t size = character_size(text);
    switch (size == 0 ? '\0' : text[0]) {
      case '\0': out += '?'; break;
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\n': out += "&#10;"; break;
      case '\t': out += "&#9;"; break;
      default: out += text.substr(0, size); break;
    }
    text.remove_prefix(std::max<std::size_t>(size, 1));
  }
  return out;
}

}  // namespace rmap
