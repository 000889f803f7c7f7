// The line of litmus text that is being read, as words, and what is wrong with it. For the parsers
// alone: litmus_parser.cc, litmus_claim_parser.cc and litmus_kept_parser.cc.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/kernel/expression.h"
#include "core/program/litmus.h"

namespace rmap {

// One piece of a line, and where it starts.
struct LitmusWord {
  std::string_view text;
  uint32_t column;
};
using LitmusWords = std::span<const LitmusWord>;

// Splits at spaces; a semicolon is a word of its own.
void split_words(std::string_view line, std::vector<LitmusWord>& words);

// Where the parsers are, and the first error. What reads a word does nothing but note an error when
// the word is wrong.
class LitmusLine {
 public:
  using Word = LitmusWord;
  using Words = LitmusWords;

  void begin(std::string_view text) {
    text_ = text;
    number_++;
  }
  std::string_view text() const { return text_; }
  uint32_t number() const { return number_; }
  Word end() const { return {"", static_cast<uint32_t>(text_.size() + 1)}; }

  bool ok() const { return ok_; }
  const ParseError& error() const { return error_; }
  // Messages quote words; of a long one its beginning is enough.
  void fail(const Word& at, std::string message) {
    const std::string_view word = at.text;
    std::size_t n = 80;
    while (n < word.size() && (static_cast<unsigned char>(word[n]) & 0xc0) == 0x80) n--;
    const std::string beginning = std::string(word.substr(0, n)) + "...";
    // Behind what was put in: a word of dots may stand in that, too.
    for (std::size_t i = 0; n < word.size() && (i = message.find(word, i)) != std::string::npos;
         i += beginning.size())
      message.replace(i, word.size(), beginning);
    fail(number_, at.column, std::move(message));
  }
  void fail(uint32_t line, uint32_t column, std::string message) {
    if (!ok_) return;
    ok_ = false;
    error_ = {line, column, std::move(message)};
  }

  // The number after `skip` characters, in [low, high].
  template <typename T>
  void number(const Word& word, std::size_t skip, uint64_t low, uint64_t high, T& out,
              int base = 10) {
    uint64_t value = 0;
    const std::string_view digits = word.text.substr(std::min(skip, word.text.size()));
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    if (error != std::errc() || end != digits.data() + digits.size() || value < low ||
        value > high) {
      return fail(word,
                  fmt::format("'{}' should be {}a number from {} to {}", word.text,
                              skip > 0 ? fmt::format("'{}' and ", word.text.substr(0, skip)) : "",
                              low, high));
    }
    out = static_cast<T>(value);
  }

  // True for a kernel expression.
  bool kernel(const Word& word) {
    if (word.text == last_kernel_) return true;
    const KernelResult k = parse_kernel(word.text);
    if (!k.kernel) fail(word, k.error);
    if (k.kernel) last_kernel_ = word.text;
    return k.kernel.has_value();
  }

  // Calls `each` for every part between semicolons.
  template <typename Each>
  void for_each_part(Words words, Each each) {
    while (!words.empty()) {
      std::size_t n = 0;
      while (n < words.size() && words[n].text != ";") n++;
      if (n > 0) each(words.first(n));
      words = words.subspan(std::min(n + 1, words.size()));
    }
  }

 private:
  std::string_view text_;
  uint32_t number_ = 0;
  bool ok_ = true;
  ParseError error_;
  std::string_view last_kernel_;  // The last one that was right: most lines name the same.
};

// Reads what a text claims about kernels: the lines expect and reach.
class ClaimParser {
 public:
  using Word = LitmusWord;
  using Words = LitmusWords;

  ClaimParser(LitmusLine& line, Litmus& litmus) : line_(line), litmus_(litmus) {}
  // False if `head` begins no such line.
  bool parse(const Word& head, Words words);

 private:
  void expectation(Words words);
  void counts(Words words, std::size_t i, Expectation& e);
  void reach(Words words);

  LitmusLine& line_;
  Litmus& litmus_;
};

// Reads what tools keep about a kernel: the lines witness, schedule, finding and trace.
class KeptParser {
 public:
  using Word = LitmusWord;
  using Words = LitmusWords;

  KeptParser(LitmusLine& line, Litmus& litmus) : line_(line), litmus_(litmus) {}
  // False if `head` begins no such line.
  bool parse(const Word& head, Words words);
  // Appends at most `bytes_max`.
  void bytes(Words words, std::size_t bytes_max, std::vector<uint8_t>& out);
  // Once the program is known: turns the cpus of the schedules into tasks.
  void finish();

 private:
  // A cpu in a schedule, which stands for its task until the whole program has been read.
  struct Cpu {
    std::size_t schedule;
    std::size_t step;
    bool is_choice;
    uint32_t line;
    uint32_t column;
  };

  void witness(Words words);
  void schedule(Words words);
  void step(Words part);
  void place(Words part, sched::PlanStep& step);
  uint8_t cpu(const Word& word, bool is_choice);
  void finding(Words words);
  void trace(Words words);

  LitmusLine& line_;
  Litmus& litmus_;
  std::size_t current_ = 0;  // The schedule that is being read.
  std::vector<Cpu> cpus_;
};

}  // namespace rmap
