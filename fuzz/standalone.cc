// What drives a target when there is no fuzzing engine: runs the files that it is given, so that
// inputs replay under every compiler.
//
//   rmap_fuzzer [-runs=N] [--target-argument]... FILE|DIRECTORY|-...
//
// A directory means all files below it, in the order of their names; - is standard input. Other
// options of libFuzzer are ignored with a note. Exit codes: 0 clean, 1 a finding or a crash, 2 bad
// usage, or no input at all.
// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size);
extern "C" __attribute__((weak)) int LLVMFuzzerInitialize(int* argc, char*** argv);

namespace {

namespace fs = std::filesystem;

constexpr int kFindingExit = 1;
constexpr int kUsageExit = 2;

// For the signal handler: the input that runs. Points into the vector of inputs.
const char* volatile running = nullptr;

struct Arguments {
  std::vector<std::string> inputs;
  uint64_t runs = 1;
  bool ignored = false;  // There was an option that only libFuzzer knows.
};

[[noreturn]] void refuse(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(kUsageExit);
}

void write_text(const char* text) {
  [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text, std::strlen(text));
}

// Only calls what a signal handler may call.
extern "C" void on_fatal_signal(int) {
  if (running != nullptr) {
    write_text("standalone: the target died while it ran ");
    write_text(running);
    write_text("\n");
  }
  _exit(kFindingExit);
}

// A sanitizer's own handlers stay: they say more.
void watch_for_death() {
  for (const int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP}) {
    struct sigaction before = {};
    sigaction(signal, nullptr, &before);
    if (before.sa_handler == SIG_DFL) std::signal(signal, on_fatal_signal);
  }
}

uint64_t number_of(const std::string& argument) {
  const std::string digits = argument.substr(argument.find('=') + 1);
  const bool whole = !digits.empty() && digits.size() <= 9 &&
                     digits.find_first_not_of("0123456789") == std::string::npos;
  if (!whole) refuse(argument + ": must be a whole number from 0 to 999999999");
  return std::stoull(digits);
}

// The files below a directory in the order of their names, or the file itself.
void add_inputs(const std::string& name, std::vector<std::string>& inputs) {
  std::error_code error;
  if (name == "-" || fs::is_regular_file(name, error)) {
    inputs.push_back(name);
    return;
  }
  const std::size_t first = inputs.size();
  for (fs::recursive_directory_iterator it(name, error), end; !error && it != end;
       it.increment(error)) {
    if (it->is_regular_file(error)) inputs.push_back(it->path().string());
  }
  if (error) refuse(name + ": cannot be read: " + error.message());
  std::sort(inputs.begin() + static_cast<std::ptrdiff_t>(first), inputs.end());
}

Arguments parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; i++) {
    const std::string argument = argv[i];
    if (argument.starts_with("--")) continue;  // The target has seen it.
    if (argument.starts_with("-runs=")) {
      arguments.runs = std::max<uint64_t>(1, number_of(argument));
    } else if (argument.starts_with("-") && argument != "-") {
      arguments.ignored = true;
    } else {
      add_inputs(argument, arguments.inputs);
    }
  }
  return arguments;
}

std::vector<char> read(const std::string& name) {
  if (name == "-") return {std::istreambuf_iterator<char>(std::cin), {}};
  std::ifstream in(name, std::ios::binary);
  std::vector<char> bytes{std::istreambuf_iterator<char>(in), {}};
  if (in.bad() || !in.is_open()) refuse(name + ": cannot be read: " + std::strerror(errno));
  return bytes;
}

// Each run gets its own copy, of the right size, so that a sanitizer notices who reads beyond it.
void run(const std::string& name, uint64_t runs) {
  const std::vector<char> bytes = read(name);
  running = name == "-" ? "standard input" : name.c_str();
  for (uint64_t i = 0; i < runs; i++) {
    const auto copy = std::make_unique<uint8_t[]>(bytes.size());
    std::copy(bytes.begin(), bytes.end(), copy.get());
    LLVMFuzzerTestOneInput(copy.get(), bytes.size());
  }
  running = nullptr;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 1) {
    refuse("usage: " + std::string(argv[0]) +
           " [-runs=N] FILE|DIRECTORY|-...\nRuns each input; this build has no fuzzing engine.");
  }
  if (LLVMFuzzerInitialize != nullptr) LLVMFuzzerInitialize(&argc, &argv);
  const Arguments arguments = parse(argc, argv);
  if (arguments.ignored)
    write_text("standalone: options of libFuzzer are ignored, but for -runs\n");
  if (arguments.inputs.empty()) refuse("there is no input to run");
  watch_for_death();
  for (const std::string& name : arguments.inputs) run(name, arguments.runs);
  std::fprintf(stderr, "%zu inputs, no finding\n", arguments.inputs.size());
  return 0;
}
