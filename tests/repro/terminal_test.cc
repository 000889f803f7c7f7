// Terminals: the status line, and the command at the end of a pseudo terminal.
// SPDX-License-Identifier: Apache-2.0
#include "repro/print/terminal.h"

#include <pty.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "repro/print/text.h"
#include "tests/repro/fixture.h"

namespace rmap {
namespace {

// A terminal whose clock and width are set by hand.
struct FakeTerminal {
  std::ostringstream out;
  std::ostringstream err;
  uint64_t now = 0;
  std::size_t columns = 20;
  Io io{.out = out,
        .err = err,
        .err_is_terminal = true,
        .err_columns = [this] { return columns; },
        .clock_ms = [this] { return now; }};

  std::string said() {
    const std::string text = err.str();
    err.str("");
    return text;
  }
};

TEST(StatusLine, is_renewed_in_its_place_and_makes_way) {
  FakeTerminal t;
  StatusLine status(t.io);
  status.show("1 of 3");
  EXPECT_EQ(t.said(), "");  // Quick work says nothing.
  t.now += 2'000;
  status.show("1 of 3");
  EXPECT_EQ(t.said(), "1 of 3");
  status.show("2 of 3");
  EXPECT_EQ(t.said(), "");  // Too early.
  t.now += 100;
  EXPECT_TRUE(status.is_due());
  status.show("2 of 3");
  EXPECT_EQ(t.said(), "\r\033[K2 of 3");
  status.say("a message");
  EXPECT_EQ(t.said(), "\r\033[Ka message\n");
  status.clear();
  EXPECT_EQ(t.said(), "");  // There is nothing to clear.
}

TEST(StatusLine, is_cut_to_the_window_as_it_is_now) {
  FakeTerminal t;
  StatusLine status(t.io);
  t.now += 2'000;
  status.show("0123456789012345678901234567890");
  EXPECT_EQ(t.said(), "2345678901234567890");
  t.now += 100;
  t.columns = 10;
  status.show("0123456789012345678901234567890");
  EXPECT_EQ(t.said(), "\r\033[K234567890");
}

TEST(StatusLine, on_a_dumb_terminal_is_a_plain_line_every_15_seconds) {
  FakeTerminal t;
  t.io.is_dumb = true;
  StatusLine status(t.io);
  for (t.now = 0; t.now < 45'000; t.now += 50) status.show("so far, so good, but narrow");
  status.say("done");
  EXPECT_EQ(t.said(), "so good, but narrow\nso good, but narrow\ndone\n");
}

TEST(StatusLine, in_a_log_is_a_whole_line_every_15_seconds) {
  FakeTerminal t;
  t.io.err_is_terminal = false;
  StatusLine status(t.io);
  for (t.now = 0; t.now < 31'000; t.now += 50) status.show("so far, so good, and not cut");
  status.say("a message");
  EXPECT_EQ(t.said(), "so far, so good, and not cut\nso far, so good, and not cut\na message\n");
}

TEST(StatusLine, no_character_is_cut_in_two) {
  EXPECT_EQ(end_of("abc", 2), "bc");
  EXPECT_EQ(end_of("a\xc3\xa9z", 2), "z");  // e with an accent: counted as two columns.
  EXPECT_EQ(end_of("a\xc3\xa9z", 3), "\xc3\xa9z");
  EXPECT_EQ(end_of("\xe6\xbc\xa2\xe5\xad\x97", 3), "\xe5\xad\x97");
  EXPECT_EQ(end_of("a\nb\033[2Jc\x7f", 20), "a?b?[2Jc?");
  EXPECT_EQ(end_of("\x80\x80\x80", 4), "\x80\x80");  // No characters at all.
}

struct Variable {
  const char* name;
  const char* value;
};

// What the command prints on a terminal of so many columns, by a clock that goes on by so much
// whenever somebody looks at it.
std::string on_terminal(std::size_t columns, const std::vector<Variable>& environment,
                        std::vector<std::string> args, uint64_t ms = 0) {
  winsize size = {};
  size.ws_col = static_cast<unsigned short>(columns);
  size.ws_row = 25;
  int terminal = -1;
  std::fflush(nullptr);  // What the child inherits in buffers, it would print again.
  const pid_t child = ::forkpty(&terminal, nullptr, nullptr, &size);
  if (child == 0) {
    ::unsetenv("NO_COLOR");
    ::setenv("TERM", "xterm", 1);
    for (const Variable& v : environment) ::setenv(v.name, v.value, 1);
    Io io{std::cout, std::cerr};
    look_at_terminals(io);
    io.clock_ms = [ms, now = uint64_t{0}]() mutable { return now += ms; };
    run_command(std::move(args), io);
    std::cout.flush();
    ::_exit(0);
  }
  std::string text;
  char buffer[4096];
  for (ssize_t n; (n = ::read(terminal, buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(n));
  ::close(terminal);
  ::waitpid(child, nullptr, 0);
  return replaced(text, "\r\n", "\n");
}

class OnTerminal : public CommandTest {
 protected:
  std::string explained(std::size_t columns, const std::vector<Variable>& environment = {}) {
    return on_terminal(columns, environment, {"explain", merge()});
  }
  std::string printed(std::vector<std::string> options) {
    options.insert(options.begin(), {"explain", merge()});
    return run(options).out;
  }
};

TEST_F(OnTerminal, columns_fit_the_window) {
  for (std::size_t columns : {72, 80, 132})
    EXPECT_EQ(explained(columns, {{"NO_COLOR", "1"}}),
              printed({"--width", std::to_string(columns)}));
}

TEST_F(OnTerminal, there_are_colours_where_they_are_known_and_wanted) {
  EXPECT_EQ(explained(80), printed({"--width", "80", "--color", "always"}));
  EXPECT_EQ(explained(80, {{"NO_COLOR", ""}}), explained(80));
  EXPECT_EQ(explained(80, {{"TERM", "dumb"}}), printed({"--width", "80"}));
}

TEST_F(OnTerminal, the_environment_means_nothing_elsewhere) {
  const std::string before = printed({});
  ::setenv("COLUMNS", "60", 1);
  EXPECT_EQ(printed({}), before);
  ::unsetenv("COLUMNS");
}

TEST_F(OnTerminal, only_long_work_shows_a_status_line) {
  const std::vector<std::string> args = {"regress",
                                         std::string(RMAPFUZZ_SOURCE_DIR) + "/repro/regressions"};
  for (const char* term : {"xterm", "dumb"})
    EXPECT_EQ(on_terminal(40, {{"TERM", term}}, args).find_first_of("\r\033"), std::string::npos);
  EXPECT_TRUE(contains(on_terminal(40, {}, args, 2'000), "\r\033[K2 of "));
}

TEST_F(OnTerminal, whoever_minimizes_says_how_far_it_is) {
  const std::string file = noisy();
  for (const std::vector<std::string>& args :
       {std::vector<std::string>{"minimize", file, "-o", path("small")},
        {"explain", "--minimize", file},
        {"keep", file, "-o", path("kept")}})
    EXPECT_TRUE(contains(on_terminal(200, {}, args, 2'000), " executions ...")) << args[0];
}

}  // namespace
}  // namespace rmap
