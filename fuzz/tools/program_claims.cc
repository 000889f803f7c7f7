// SPDX-License-Identifier: Apache-2.0
#include "fuzz/tools/program_claims.h"

#include <algorithm>

#include "repro/files/input.h"

namespace rmap {
namespace {

constexpr std::string_view kPath = "input";

bool within_limits(const Program& p) {
  if (static_cast<uint32_t>(p.strategy) >= kStrategies || p.failures > kFailuresMax) return false;
  return std::all_of(p.ops.begin(), p.ops.end(), [](const Op& op) {
    return static_cast<std::size_t>(op.kind) < op_table().size() && op.task <= kCpusMax &&
           op.mm < kMmsMax && op.address < kWindowPages && op.length >= 1 &&
           op.length <= kWindowPages && op.address2 < kWindowPages &&
           op.flags <= op_info(op.kind).flag_count() && op.length2 <= kWindowPages;
  });
}

// "input: what" or "input:LINE:COLUMN: what".
bool says_where(std::string_view error) {
  if (!error.starts_with(kPath) || !is_one_line(error)) return false;
  error.remove_prefix(kPath.size());
  for (int numbers = 0; numbers < 2 && error.size() > 1 && error[1] != ' '; numbers++) {
    const std::size_t end = error.find_first_not_of("0123456789", 1);
    if (end == 1 || end == std::string_view::npos || error[1] == '0') return false;
    error.remove_prefix(end);
  }
  return error.starts_with(": ") && error.size() > 2;
}

Check check_text(const Program& p, std::span<const uint8_t> bytes, const TextForm& form) {
  Litmus l;
  l.name = "input";
  l.program = p;
  const std::string text = form.print(l);
  const LitmusResult parsed = form.parse(text);
  if (!parsed.litmus)
    return Broken{"text-refused", "the text of a program is litmus text",
                  parsed.error.message + "\n" + text};
  if (!(parsed.litmus->program == p))
    return Broken{"text-other-program", "the text of a program is that program", text};
  const auto encoded = encode(parsed.litmus->program);
  if (!std::equal(encoded.begin(), encoded.end(), bytes.begin(), bytes.end()))
    return Broken{"text-other-bytes", "the text of a program assembles to its bytes", text};
  const std::string again = form.print(*parsed.litmus);
  if (again != text)
    return Broken{"text-other-text", "the text of a program prints the same again", text + again};
  return {};
}

}  // namespace

bool is_one_line(std::string_view text) {
  return !text.empty() && std::none_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
}

Check check_forms(const Program& p, const TextForm& form) {
  Program canonical = p;
  canonicalize(canonical);
  if (!(canonical == p)) return Broken{"not-canonical", "a decoded program is canonical", {}};
  const std::vector<uint8_t> bytes = encode(p);
  Program again;
  if (bytes.size() > kEncodedMax || !decode(bytes, again))
    return Broken{"not-decodable", "the bytes of a program can be decoded", {}};
  if (!(again == p)) return Broken{"other-program", "the bytes of a program are that program", {}};
  if (encode(again) != bytes)
    return Broken{"other-bytes", "the bytes of a program are the same again", {}};
  return check_text(p, bytes, form);
}

Check check_file(std::span<const uint8_t> bytes) {
  const InputResult file = read_input(std::string(kPath), std::string(bytes.begin(), bytes.end()));
  if (file.input.has_value() != file.error.empty())
    return Broken{"file-undecided", "a file loads, or something is wrong with it", file.error};
  if (!file.input && !says_where(file.error))
    return Broken{"file-error", "what is wrong with a file is one line that begins with where",
                  file.error};
  if (!file.input) return {};
  if (file.input->is_text) return {};
  Program p;
  if (!decode(bytes, p) || !(p == file.input->litmus.program))
    return Broken{"file-other-program", "a file of bytes holds the program of those bytes", {}};
  if (!file.input->note.empty() && !is_one_line(file.input->note))
    return Broken{"file-note", "a note on a file is one line", file.input->note};
  return {};
}

Check check_program_bytes(std::span<const uint8_t> bytes, const TextForm& form) {
  if (Check broken = check_file(bytes)) return broken;
  Program p;
  if (!decode(bytes, p)) {
    if (!p.ops.empty() || !p.decisions.empty())
      return Broken{"refused-not-empty", "what is refused leaves an empty program", {}};
    return {};
  }
  if (!within_limits(p)) return Broken{"limits", "a decoded program is within its limits", {}};
  return check_forms(p, form);
}

}  // namespace rmap
