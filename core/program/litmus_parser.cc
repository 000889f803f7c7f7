// Reading litmus text: every error says where it is and what would be right.
// SPDX-License-Identifier: Apache-2.0
#include "core/model/names.h"
#include "core/program/litmus_line.h"
#include "core/text/hint.h"
#include "core/text/nearest.h"
#include "core/text/utf8.h"

namespace rmap {
namespace {

std::vector<std::string_view> op_names() {
  std::vector<std::string_view> names;
  for (const OpInfo& info : op_table()) names.push_back(info.name);
  return names;
}

// A witness of all the decisions that a program holds takes a fifth of it.
constexpr std::size_t kLineMax = 65536;

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  LitmusResult parse() {
    for (std::size_t at = 0; at <= text_.size() && line_.ok();) {
      const std::size_t end = std::min(text_.find('\n', at), text_.size());
      line_.begin(text_.substr(at, end - at));
      parse_line();
      at = end + 1;
    }
    if (!named_) fail({"", 1}, "this is no litmus text; its first line must be: litmus NAME");
    kept_.finish();
    if (!line_.ok()) return {std::nullopt, line_.error()};
    canonicalize(litmus_.program);
    return {std::move(litmus_), {}};
  }

 private:
  using Word = LitmusWord;
  using Words = LitmusWords;

  void fail(const Word& at, std::string message) { line_.fail(at, std::move(message)); }
  Word end() const { return line_.end(); }

  // Messages quote words, and descriptions are printed as they stand: neither may say things to a
  // terminal, and both must be text everywhere.
  bool check_characters(std::string_view line) {
    for (std::size_t at = 0, size = 1; at < line.size(); at += size) {
      const auto u = static_cast<unsigned char>(line[at]);
      const Word here = {"", static_cast<uint32_t>(at + 1)};
      size = utf8_size(line.substr(at));
      if (size == 0) {
        fail(here, fmt::format("the byte {:02x} is no UTF-8; save the text as UTF-8", u));
        return false;
      }
      if (u == '\r' && at + 1 < line.size()) {
        fail(here, "a carriage return within a line; end lines with LF, or CR and LF");
        return false;
      }
      const bool is_c1 = u == 0xc2 && static_cast<unsigned char>(line[at + 1]) < 0xa0;
      if ((u < 0x20 && u != '\t' && u != '\r') || u == 0x7f || is_c1) {
        fail(here, fmt::format("a control character ({:02x}), which litmus text has none of; "
                               "remove it",
                               u));
        return false;
      }
    }
    return true;
  }

  void parse_line() {
    const std::string_view line = line_.text();
    if (line.size() > kLineMax) {
      return fail({"", 1}, fmt::format("a line of {} bytes, and none needs more than {}; is this "
                                       "litmus text?",
                                       line.size(), kLineMax));
    }
    if (!check_characters(line)) return;
    split_words(line, words_);
    if (words_.empty() || words_[0].text.starts_with('#')) return;
    const Word head = words_[0];
    const Words words = Words(words_).subspan(1);
    if (head.text != "litmus" && !named_) return fail(head, "the first line must be: litmus NAME");
    if (head.text == "litmus") return parse_name(head, words);
    if (head.text == "entry") return parse_entry(words);
    if (head.text == "setup") return parse_ops(words, 0);
    if (claims_.parse(head, words) || kept_.parse(head, words)) return;
    if (head.text == "decisions") return parse_decisions(words);
    if (head.text == "failures") return parse_small(words, kFailuresMax, litmus_.program.failures);
    if (head.text == "tail") return parse_small(words, 255, litmus_.program.tail);
    if (head.text == "strategy") return parse_strategy(words);
    if (head.text.size() == 4 && head.text.starts_with("cpu")) {
      const auto cpu = static_cast<uint8_t>(head.text[3] - '0');
      if (cpu >= 1 && cpu <= kCpusMax) return parse_ops(words, cpu);
    }
    fail(head, fmt::format("'{}' starts no line; known: litmus, entry, setup, cpu1 to cpu{}, "
                           "failures, expect, reach, schedule, finding, trace, witness, decisions, "
                           "strategy, tail, and # for comments",
                           head.text, kCpusMax));
  }

  void parse_name(const Word& head, Words words) {
    if (named_) return fail(head, "a file holds one litmus; put this one into a file of its own");
    if (words.size() != 1)
      return fail(words.empty() ? end() : words[1],
                  "one name without spaces is wanted: litmus NAME");
    litmus_.name = words[0].text;
    named_ = true;
  }

  static bool is_digits(std::string_view word, std::size_t n, std::string_view digits) {
    return word.size() == n && word.find_first_not_of(digits) == std::string_view::npos;
  }

  // NUMBER COMMIT DESCRIPTION. The description is the rest of the line, as it stands there.
  void parse_entry(Words words) {
    if (words.size() < 3) return fail(end(), "write it as: entry NUMBER COMMIT DESCRIPTION");
    const std::string_view number = words[0].text;
    if (!number.starts_with('Z') || !is_digits(number.substr(1), 2, "0123456789"))
      return fail(words[0], fmt::format("'{}' should be 'Z' and two digits", number));
    const std::string_view commit = words[1].text;
    if (commit != "-" && !is_digits(commit, 12, "0123456789abcdef")) {
      return fail(words[1],
                  fmt::format("'{}' should be the first 12 digits of a commit, or -", commit));
    }
    const Word& last = words.back();
    const std::size_t begin = words[2].column - 1;
    const std::size_t end = last.column - 1 + last.text.size();
    litmus_.entries.push_back({std::string(number), std::string(commit == "-" ? "" : commit),
                               std::string(line_.text().substr(begin, end - begin))});
  }

  void parse_ops(Words words, uint8_t task) {
    line_.for_each_part(words, [&](Words part) { parse_op(part, task); });
  }

  void parse_op(Words words, uint8_t task) {
    if (!line_.ok()) return;
    const auto table = op_table();
    const auto info = std::find_if(table.begin(), table.end(),
                                   [&](const OpInfo& i) { return i.name == words[0].text; });
    if (info == table.end()) {
      return fail(words[0], fmt::format("'{}' is no operation{}; known: {}", words[0].text,
                                        did_you_mean(words[0].text, op_names()),
                                        fmt::join(op_names(), ", ")));
    }
    if (litmus_.program.ops.full())
      return fail(words[0], fmt::format("more than {} operations", kOpsMax));
    Op op;
    op.kind = static_cast<OpKind>(info - table.begin());
    op.task = task;
    std::size_t i = 1;
    if (i < words.size() && words[i].text.starts_with("mm"))
      number(words[i++], 2, 0, kMmsMax - 1, op.mm);
    for (char operand : info->operands) {
      if (operand == '+' || operand == '^') continue;
      if (operand == 'C') {
        i = parse_child(words, i, *info, op);
        continue;
      }
      const bool given = i < words.size() &&
                         words[i].text.starts_with(operand == 'L' || operand == 'm' ? '+' : '@');
      if (!given && (operand == 'b' || operand == 'm')) continue;
      if (!given)
        return fail(i < words.size() ? words[i] : end(), "write it as: " + litmus_usage(*info));
      const Word word = words[i++];
      switch (operand) {
        case 'A': number(word, 1, 0, kWindowPages - 1, op.address); break;
        case 'L': number(word, 1, 1, kWindowPages, op.length); break;
        case 'm': number(word, 1, 1, kWindowPages, op.length2); break;
        default:
          number(word, 1, 0, kWindowPages - 1, op.address2);
          has_second_ = true;
          break;
      }
    }
    if (i < words.size()) parse_flag(words[i++], *info, op);
    if (i < words.size()) return fail(words[i], "write it as: " + litmus_usage(*info));
    if (info->has('b') && info->has_second_address(op.flags) && !has_second_) {
      const std::string flag =
          op.flags == 0 ? "without a flag" : fmt::format("with '{}'", info->flag_name(op.flags));
      return fail(end(), fmt::format("{} a second address is needed; write it as: {}", flag,
                                     litmus_usage(*info)));
    }
    has_second_ = false;
    litmus_.program.ops.push_back(op);
  }

  // "to mmN", from word `i` on. Returns the word after it.
  std::size_t parse_child(Words words, std::size_t i, const OpInfo& info, Op& op) {
    const bool given =
        i + 1 < words.size() && words[i].text == "to" && words[i + 1].text.starts_with("mm");
    if (!given) {
      fail(i < words.size() ? words[i] : end(), "write it as: " + litmus_usage(info));
      return words.size();
    }
    number(words[i + 1], 2, 0, kMmsMax - 1, op.address2);
    return i + 2;
  }

  void parse_flag(const Word& word, const OpInfo& info, Op& op) {
    for (uint32_t f = 1; f <= info.flag_count(); f++) {
      if (word.text == info.flag_name(f)) op.flags = static_cast<uint8_t>(f);
    }
    if (op.flags == 0)
      fail(word, fmt::format("'{}' does not belong here; write it as: {}", word.text,
                             litmus_usage(info)));
  }

  void parse_small(Words words, uint64_t max, uint8_t& out) {
    if (words.size() != 1)
      return fail(words.empty() ? end() : words[1],
                  fmt::format("one number from 0 to {} is wanted", max));
    number(words[0], 0, 0, max, out);
  }

  void parse_strategy(Words words) {
    for (uint32_t i = 0; i < kStrategies; i++) {
      if (words.size() == 1 && words[0].text == kStrategyNames[i]) {
        litmus_.program.strategy = static_cast<StrategyId>(i);
        return;
      }
    }
    const Word at = words.empty() ? end() : words[0];
    fail(at, fmt::format("a strategy{} is one of: {}", did_you_mean(at.text, kStrategyNames),
                         fmt::join(kStrategyNames, ", ")));
  }

  void parse_decisions(Words words) {
    std::vector<uint8_t> bytes;
    kept_.bytes(words, kDecisionsMax - litmus_.program.decisions.size(), bytes);
    for (uint8_t b : bytes) litmus_.program.decisions.push_back(b);
  }

  // The decimal number after `skip` characters, in [low, high].
  template <typename T>
  void number(const Word& word, std::size_t skip, uint64_t low, uint64_t high, T& out) {
    line_.number(word, skip, low, high, out);
  }

  std::string_view text_;
  LitmusLine line_;
  std::vector<Word> words_;
  bool named_ = false;
  bool has_second_ = false;
  Litmus litmus_;
  ClaimParser claims_{line_, litmus_};
  KeptParser kept_{line_, litmus_};
};

}  // namespace

std::string litmus_usage(const OpInfo& info) {
  std::string text = std::string(info.name) + " [mmN]";
  for (char c : info.operands) {
    if (c == 'A' || c == 'B') text += " @ADDRESS";
    if (c == 'L') text += " +LENGTH";
    if (c == 'C') text += " to mmN";
    if (c == 'b') text += " [@ADDRESS]";
    if (c == 'm') text += " [+LENGTH]";
  }
  for (uint32_t i = 1; i <= info.flag_count(); i++)
    text += fmt::format("{}{}", i == 1 ? " [" : "|", info.flag_name(i));
  return text + (info.flag_count() == 0 ? "" : "]");
}

LitmusResult parse_litmus(std::string_view text) { return Parser(text).parse(); }

}  // namespace rmap
