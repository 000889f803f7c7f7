// Process: children that die with their parent, however it ends, so that nothing goes on running
// after a kill -9.
//
// A child keeps the campaign's lock open, too: as long as one of them lives, nobody else gets it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace rmap {

class Process {
 public:
  Process() = default;
  ~Process() { kill(); }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Runs a program, without input; what it prints is appended to the file `log`. Requires: not
  // running. False, and errno, if there is no process to be had; a program that cannot be run ends
  // with exit code 127.
  bool start(const std::vector<std::string>& command, const std::string& log);
  // The same with a function, which returns the exit code. Requires: one thread.
  bool start(const std::function<int()>& body, const std::string& log);

  // A program with children of its own, which die with it, and so with us.
  bool start_family(const std::vector<std::string>& command, const std::string& log);

  bool running() const { return pid_ > 0; }
  // True if it just ended; then status() says how.
  bool ended();
  int status() const { return status_; }  // As waitpid() has it.
  void signal(int number) const;
  // SIGKILL, its children too, and waits for it.
  void kill();

 private:
  pid_t pid_ = 0;
  int status_ = 0;
};

// How many processors this process may use, as nproc says: a container or taskset may allow fewer
// than the machine has.
uint32_t processors();

// "exit code 77", "signal 11 (Segmentation fault)".
std::string status_words(int status);

}  // namespace rmap
