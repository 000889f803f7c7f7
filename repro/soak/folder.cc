// SPDX-License-Identifier: Apache-2.0
#include "repro/soak/folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "core/kernel/expression.h"
#include "core/program/program.h"
#include "repro/files/file.h"
#include "repro/print/json.h"

namespace rmap {
namespace {

namespace fs = std::filesystem;

// For the children of a supervisor that was killed to die, too.
constexpr int kLockTries = 50;
constexpr useconds_t kLockPause = 100'000;

std::string campaign_text(const Campaign& c) {
  const nlohmann::json j = {{"kernel", c.kernel}, {"model", c.model}, {"seed", c.seed}};
  return json_text("soak-campaign/1", j) + "\n";
}

// Returns what is wrong, or nothing.
std::string read_campaign(const std::string& path, Campaign& c) {
  std::string text;
  if (std::string wrong = read_file(path, 1 << 20, text); !wrong.empty()) return wrong;
  const nlohmann::json j = nlohmann::json::parse(text, nullptr, false);
  const auto is_number = [&](const char* name) {
    return j.contains(name) && j[name].is_number_unsigned();
  };
  if (!j.is_object() || !j.contains("kernel") || !j["kernel"].is_string() || !is_number("model") ||
      !is_number("seed"))
    return path + ":1: does not describe a campaign; name another --directory";
  c = {j["kernel"].get<std::string>(), j["model"].get<uint32_t>(), j["seed"].get<uint32_t>()};
  return {};
}

// The campaign that is there goes on, if it is the one that is wanted.
std::string compare(const std::string& path, const Campaign& there, const Campaign& wanted) {
  const KernelResult kernel = parse_kernel(there.kernel);
  if (!kernel.kernel || !(kernel.kernel->kernel == kernel_named(wanted.kernel).kernel)) {
    return fmt::format("{}:1: is a campaign of kernel {}, not of {}; name another --directory",
                       path, there.kernel, wanted.kernel);
  }
  if (there.model == wanted.model) return {};
  return fmt::format(
      "{}:1: is a campaign of model version {}, and this is {}: its figures and findings cannot be "
      "continued; name another --directory, and its corpus/ with --corpus",
      path, there.model, wanted.model);
}

constexpr const char* kFolders[] = {"corpus", "inputs", "findings", "reached", "crashes", "logs"};

// What somebody was killed in the midst of writing.
void remove_parts(const std::string& folder) {
  std::error_code code;
  std::vector<fs::path> parts;
  for (fs::directory_iterator it(folder, code), end; !code && it != end; it.increment(code)) {
    if (it->path().extension() == ".part") parts.push_back(it->path());
  }
  for (const fs::path& part : parts) fs::remove(part, code);
}

// Nothing but what a campaign leaves that was killed at once.
bool is_unused(const std::string& path) {
  const std::vector<std::string> files = files_in(path);
  return std::all_of(files.begin(), files.end(),
                     [](const std::string& name) { return name == "lock"; });
}

}  // namespace

Folder::~Folder() {
  if (lock_ >= 0) ::close(lock_);
}

std::string Folder::open(Campaign& campaign) {
  std::error_code code;
  const std::string description = file("campaign.json");
  if (!fs::exists(description, code) && !is_unused(path_))
    return path_ + ": holds other things than a campaign; name a new or an empty --directory";
  fs::create_directories(path_, code);
  if (code) return fmt::format("{}: cannot be made: {}", path_, code.message());
  if (std::string wrong = lock(); !wrong.empty()) return wrong;
  if (fs::exists(description, code)) {
    Campaign there;
    std::string wrong = read_campaign(description, there);
    if (wrong.empty()) wrong = compare(description, there, campaign);
    if (!wrong.empty()) return wrong;
    campaign = there;
  } else if (std::string wrong = replace_file(description, campaign_text(campaign));
             !wrong.empty()) {
    return wrong;
  }
  remove_parts(path_);
  for (const char* name : kFolders) {
    fs::create_directories(file(name), code);
    if (code) return fmt::format("{}: cannot be made: {}", file(name), code.message());
    remove_parts(file(name));
  }
  return {};
}

// Without O_CLOEXEC: the children hold it, too.
std::string Folder::lock() {
  lock_ = ::open(file("lock").c_str(), O_RDWR | O_CREAT, 0644);
  if (lock_ < 0) return fmt::format("{}: cannot be opened: {}", file("lock"), std::strerror(errno));
  for (int i = 0; ::flock(lock_, LOCK_EX | LOCK_NB) != 0; i++) {
    if (i == kLockTries) {
      return fmt::format("{}: another soak is at work there; stop it, or name another --directory",
                         path_);
    }
    ::usleep(kLockPause);
  }
  return {};
}

std::vector<std::string> files_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code code;
  for (fs::directory_iterator it(folder, code), end; !code && it != end; it.increment(code)) {
    std::string name = it->path().filename().string();
    if (!name.starts_with('.') && !name.ends_with(".part")) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace rmap
