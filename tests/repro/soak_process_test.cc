// Soak: how children end is known, and none is left over.
// SPDX-License-Identifier: Apache-2.0
#include <sched.h>
#include <unistd.h>

#include <csignal>

#include "repro/soak/process.h"
#include "repro/soak/signals.h"
#include "repro/soak/supervisor.h"
#include "tests/repro/fixture.h"

namespace rmap {
namespace {

class SoakProcess : public CommandTest {};

void await_end(Process& process) {
  while (!process.ended()) ::usleep(1000);
}

TEST_F(SoakProcess, a_child_of_which_nothing_is_known_has_failed) {
  const auto before = std::signal(SIGCHLD, SIG_IGN);
  Process process;
  ASSERT_TRUE(process.start([] { return 0; }, path("log")));
  await_end(process);
  std::signal(SIGCHLD, before);
  EXPECT_EQ(status_words(process.status()), "exit code 127");
}

TEST_F(SoakProcess, a_program_that_cannot_be_run_says_why) {
  Process process;
  ASSERT_TRUE(process.start({path("missing")}, path("log")));
  await_end(process);
  EXPECT_EQ(status_words(process.status()), "exit code 127");
  EXPECT_EQ(slurp(path("log")), path("missing") + ": No such file or directory\n");
}

TEST_F(SoakProcess, a_campaign_has_a_fuzzer_for_each_processor_that_it_may_use) {
  cpu_set_t before;
  ASSERT_EQ(::sched_getaffinity(0, sizeof(before), &before), 0);
  EXPECT_EQ(SoakOptions{}.jobs, static_cast<uint32_t>(CPU_COUNT(&before)));
  int first = 0;
  while (!CPU_ISSET(first, &before)) first++;
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(first, &one);
  ASSERT_EQ(::sched_setaffinity(0, sizeof(one), &one), 0);
  EXPECT_EQ(SoakOptions{}.jobs, 1u);
  ::sched_setaffinity(0, sizeof(before), &before);
}

// A merge is a family: when its leader is killed, nobody is left who holds the lock.
TEST_F(SoakProcess, a_family_ends_with_its_leader) {
  Process process;
  const std::string script = "echo $PPID >" + path("leader") + "; sleep 100 & wait";
  ASSERT_TRUE(process.start_family({"/bin/sh", "-c", script}, path("log")));
  while (slurp(path("leader")).empty()) ::usleep(1000);
  const pid_t leader = std::stoi(slurp(path("leader")));
  ::kill(leader, SIGKILL);
  await_end(process);
  EXPECT_EQ(status_words(process.status()), "signal 9 (Killed)");
  for (int i = 0; ::kill(-leader, 0) == 0 && i < 1000; i++) ::usleep(10'000);
  EXPECT_NE(::kill(-leader, 0), 0) << "somebody of its group lives";
}

TEST_F(SoakProcess, a_signal_that_is_ignored_stays_so_and_others_are_counted) {
  const auto before = std::signal(SIGHUP, SIG_IGN);
  {
    const StopSignals signals;
    ::raise(SIGHUP);
    EXPECT_FALSE(stop_asked());
    ::raise(SIGTERM);
    EXPECT_TRUE(stop_asked());
  }
  EXPECT_EQ(std::signal(SIGHUP, before), SIG_IGN);
}

}  // namespace
}  // namespace rmap
