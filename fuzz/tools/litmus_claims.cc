// SPDX-License-Identifier: Apache-2.0
#include "fuzz/tools/litmus_claims.h"

#include <algorithm>
#include <set>

#include "repro/keep/regression.h"

namespace rmap {
namespace {

// Rewriting a text takes its length for each kernel that it keeps something of.
constexpr std::size_t kKernelsUpdated = 4;

bool is_place(std::string_view text, const ParseError& e) {
  for (uint32_t line = 1; line < e.line; line++) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return false;
    text.remove_prefix(end + 1);
  }
  return e.line >= 1 && e.column >= 1 && e.column <= std::min(text.find('\n'), text.size()) + 1;
}

// Of the parser, and of the file that holds such a text.
Check check_error(std::string_view text, const ParseError& e) {
  if (!is_one_line(e.message)) return Broken{"error-lines", "a parse error is one line", e.message};
  if (!is_place(text, e))
    return Broken{"error-place", "a parse error is about a place in the text", e.message};
  return check_file({reinterpret_cast<const uint8_t*>(text.data()), text.size()});
}

Check check_updates(std::string_view text, const Litmus& l, const std::string& printed,
                    const TextForm& form, const TextUpdates& updates) {
  const auto is_lost = [&](const std::string& updated) {
    const LitmusResult parsed = form.parse(updated);
    return !parsed.litmus || form.print(*parsed.litmus) != printed;
  };
  if (const std::string updated = updates.expectations(text, l); is_lost(updated))
    return Broken{"update-expectations", "writing the same expectations changes nothing", updated};
  std::set<std::string_view> kernels;
  for (const Kept& kept : kept_in(l)) {
    if (kernels.size() < kKernelsUpdated) kernels.insert(kept.kernel);
  }
  for (std::string_view kernel : kernels) {
    if (const std::string updated = updates.kept(text, l, kernel); is_lost(updated))
      return Broken{"update-kept", "writing the same regression changes nothing", updated};
  }
  return {};
}

}  // namespace

Check check_litmus_text(std::string_view text, const TextForm& form, const TextUpdates& updates) {
  const LitmusResult first = form.parse(text);
  if (!first.litmus) return check_error(text, first.error);
  const Litmus& l = *first.litmus;
  const std::string printed = form.print(l);
  const LitmusResult second = form.parse(printed);
  if (!second.litmus)
    return Broken{"printed-refused", "what is printed of a text can be read",
                  second.error.message + "\n" + printed};
  if (!(second.litmus->program == l.program))
    return Broken{"printed-other-program", "what is printed of a text has its program", printed};
  const std::string again = form.print(*second.litmus);
  if (again != printed)
    return Broken{"printed-other", "what is printed of a text prints the same", printed + again};
  if (Check broken = check_forms(l.program, form)) return broken;
  return check_updates(text, l, printed, form, updates);
}

}  // namespace rmap
