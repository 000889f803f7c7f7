// SPDX-License-Identifier: Apache-2.0
#include "repro/soak/process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

#include "scheduler/check.h"

namespace rmap {
namespace {

constexpr int kNotRun = 127;  // The exit code, as shells have it.

// In the child: nothing from the terminal, and no life after the parent's. The parent may have died
// before prctl() took effect; then somebody else is the parent by now.
void settle(pid_t parent, const std::string& log) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(kNotRun);
  ::setpgid(0, 0);  // Its parent gets ctrl-C, and stops it.
  for (int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) std::signal(number, SIG_DFL);
  const int input = ::open("/dev/null", O_RDONLY);
  const int output = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (input < 0 || output < 0) ::_exit(kNotRun);
  ::dup2(input, STDIN_FILENO);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(output, STDERR_FILENO);
  if (input > STDERR_FILENO) ::close(input);
  if (output > STDERR_FILENO) ::close(output);
}

void end_family(int) { ::kill(0, SIGKILL); }

// exec, for want of arguments as it wants them. Returns only if that failed.
int execute(const std::vector<std::string>& command) {
  std::vector<char*> arguments;
  for (const std::string& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  ::execv(arguments[0], arguments.data());
  const std::string why = fmt::format("{}: {}\n", command[0], std::strerror(errno));
  return ::write(STDERR_FILENO, why.data(), why.size()) < 0 ? 126 : kNotRun;
}

// How it ended, as waitpid() has it. A child of which nothing is known has failed.
int reap(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return kNotRun << 8;
  }
  return status;
}

}  // namespace

bool Process::start(const std::vector<std::string>& command, const std::string& log) {
  return start([&] { return execute(command); }, log);
}

// The child leads the group of its own child, and ends the whole group when its parent dies: the
// signal of a parent's death reaches no grandchildren. If the leader itself is killed, its child
// gets the signal, and ended() sees to the rest of the group.
bool Process::start_family(const std::vector<std::string>& command, const std::string& log) {
  const pid_t parent = ::getpid();
  const auto lead = [&] {
    std::signal(SIGTERM, end_family);
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) return kNotRun;
    const pid_t leader = ::getpid();
    const pid_t pid = ::fork();
    if (pid == 0) {
      std::signal(SIGTERM, SIG_DFL);
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      return ::getppid() == leader ? execute(command) : kNotRun;
    }
    const int status = reap(pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 126;
  };
  return start(lead, log);
}

bool Process::start(const std::function<int()>& body, const std::string& log) {
  CHECK(!running());
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid == 0) {
    settle(parent, log);
    ::_exit(body());
  }
  if (pid < 0) return false;
  ::setpgid(pid, pid);  // Whoever of the two comes first.
  pid_ = pid;
  return true;
}

// Whoever of its group is left goes, too, as long as the number of the group is still its own.
bool Process::ended() {
  if (!running()) return false;
  siginfo_t info = {};
  const int failed = ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT);
  if (failed != 0 ? errno == EINTR : info.si_pid == 0) return false;
  if (failed == 0) ::kill(-pid_, SIGKILL);
  status_ = reap(pid_);
  pid_ = 0;
  return true;
}

void Process::signal(int number) const {
  if (running()) ::kill(pid_, number);
}

void Process::kill() {
  if (!running()) return;
  ::kill(-pid_, SIGKILL);
  status_ = reap(pid_);
  pid_ = 0;
}

uint32_t processors() {
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof(allowed), &allowed) == 0)
    return static_cast<uint32_t>(CPU_COUNT(&allowed));
  return std::max(1u, std::thread::hardware_concurrency());  // It has more than fit the set.
}

std::string status_words(int status) {
  if (WIFEXITED(status)) return fmt::format("exit code {}", WEXITSTATUS(status));
  return fmt::format("signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
}

}  // namespace rmap
