// SPDX-License-Identifier: Apache-2.0
#include "repro/soak/journal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>

#include "repro/files/file.h"
#include "repro/print/json.h"

namespace rmap {
namespace {

constexpr std::size_t kJournalBytesMax = std::size_t{1} << 30;
constexpr uint64_t kNumberMax = uint64_t{1} << 60;  // More is damage, and would overflow.

struct Field {
  const char* name;
  uint64_t JournalLine::*member;
};
constexpr Field kNumberFields[] = {{"at", &JournalLine::at},
                                   {"corpus", &JournalLine::corpus_files},
                                   {"elapsed_ms", &JournalLine::elapsed_ms},
                                   {"executions", &JournalLine::executions},
                                   {"findings", &JournalLine::findings},
                                   {"pairs", &JournalLine::pairs},
                                   {"restarts", &JournalLine::restarts},
                                   {"sites", &JournalLine::sites}};

}  // namespace

std::string print_journal_line(const JournalLine& line) {
  nlohmann::json j = {{"event", line.event}};
  if (!line.what.empty()) j["what"] = line.what;
  for (const Field& field : kNumberFields) j[field.name] = line.*field.member;
  return json_text("soak-journal/1", j);
}

bool parse_journal_line(std::string_view text, JournalLine& line) {
  const nlohmann::json j = nlohmann::json::parse(text, nullptr, false);
  if (!j.is_object() || !j.contains("event") || !j["event"].is_string()) return false;
  line.event = j["event"].get<std::string>();
  line.what.clear();
  if (j.contains("what") && j["what"].is_string()) line.what = j["what"].get<std::string>();
  for (const Field& field : kNumberFields) {
    if (!j.contains(field.name) || !j[field.name].is_number_unsigned()) return false;
    line.*field.member = j[field.name].get<uint64_t>();
    if (line.*field.member > kNumberMax) return false;
  }
  return true;
}

JournalText parse_journal(std::string_view text) {
  JournalText journal;
  for (std::size_t end; (end = text.find('\n', journal.bytes)) != std::string_view::npos;) {
    JournalLine line;
    if (!parse_journal_line(text.substr(journal.bytes, end - journal.bytes), line)) {
      // A lost page of the last block: torn all the same.
      if (end + 1 == text.size()) return journal;
      journal.error =
          fmt::format("{}: is no line of a journal; remove it", journal.lines.size() + 1);
      return journal;
    }
    journal.lines.push_back(std::move(line));
    journal.bytes = end + 1;
  }
  return journal;
}

Journal::~Journal() {
  if (file_ >= 0) ::close(file_);
}

std::string Journal::open(const std::string& path) {
  path_ = path;
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file_ < 0) return fmt::format("{}: cannot be opened: {}", path, std::strerror(errno));
  std::string text;
  if (std::string wrong = read_file(path, kJournalBytesMax, text); !wrong.empty()) return wrong;
  JournalText journal = parse_journal(text);
  if (!journal.error.empty()) return fmt::format("{}:{}", path, journal.error);
  if (journal.bytes < text.size() && ::ftruncate(file_, static_cast<off_t>(journal.bytes)) != 0)
    return fmt::format("{}: its torn end cannot be dropped: {}", path, std::strerror(errno));
  lines_ = std::move(journal.lines);
  bytes_ = journal.bytes;
  return {};
}

// After an error the end may be torn, so nothing more goes behind it.
std::string Journal::append(const JournalLine& line) {
  if (!error_.empty()) return error_;
  const std::string text = print_journal_line(line) + "\n";
  errno = ENOSPC;  // A short write sets none.
  const ssize_t n = ::write(file_, text.data(), text.size());
  if (n == static_cast<ssize_t>(text.size()) && ::fdatasync(file_) == 0) {
    bytes_ += text.size();
    lines_.push_back(line);
    return {};
  }
  error_ = fmt::format("{}: cannot be written: {}; make room, and go on with the same command",
                       path_, std::strerror(errno));
  if (::ftruncate(file_, static_cast<off_t>(bytes_)) != 0)
    error_ += ", which drops the line that is torn";
  return error_;
}

uint64_t downtime_of(const std::vector<JournalLine>& lines) {
  uint64_t seconds = 0;
  for (std::size_t i = 1; i < lines.size(); i++) {
    if (lines[i].event == "start" && lines[i].at > lines[i - 1].at)
      seconds += lines[i].at - lines[i - 1].at;
  }
  return seconds;
}

}  // namespace rmap
