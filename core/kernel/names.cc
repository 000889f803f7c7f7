// SPDX-License-Identifier: Apache-2.0
#include "core/kernel/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <vector>

#include "core/kernel/chain.h"
#include "core/text/nearest.h"
#include "core/text/quote.h"

namespace rmap {
namespace {

constexpr std::string_view kSigns = "+-";
constexpr std::string_view kTarball = "linux-";
constexpr std::string_view kCandidate = "-rc";

// --- Releases ------------------------------------------------------------------------------------

// "v2.6.33", "3.0-rc4", "linux-5.15.y".
struct Version {
  std::vector<uint32_t> numbers;  // Of the release that it is, leads to, or follows.
  bool is_candidate = false;      // It came before that.
  bool is_stable = false;         // It came after that, with backports.
};

std::size_t digits_at(std::string_view text, std::size_t at) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789", at), text.size());
  return end - at;
}

// Takes the number that `text` begins with, and the dot behind it.
std::optional<uint32_t> take_number(std::string_view& text) {
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  if (text.size() > 1 && text[0] == '.') text.remove_prefix(1);
  return number;
}

std::optional<Version> version_of(std::string_view text) {
  std::string lower = lower_case(text);
  std::string_view rest = lower;
  if (rest.starts_with(kTarball)) rest.remove_prefix(kTarball.size());
  if (rest.starts_with('v')) rest.remove_prefix(1);
  Version v;
  if (const std::size_t at = rest.find(kCandidate); at != std::string_view::npos) {
    v.is_candidate = true;
    rest = rest.substr(0, at);
  }
  while (!rest.empty() && rest != "y") {
    const auto number = take_number(rest);
    if (!number || v.numbers.size() == 4) return std::nullopt;
    v.numbers.push_back(*number);
  }
  // 2.6.33 was a release as 3.0 is one; what follows is the number of a stable one.
  const std::size_t of_release = !v.numbers.empty() && v.numbers[0] == 2 ? 3 : 2;
  if (v.numbers.size() < 2) return std::nullopt;
  v.is_stable = rest == "y";
  if (v.numbers.size() > of_release) {
    v.is_stable |= v.numbers[of_release] != 0;
    v.numbers.resize(of_release);
  }
  return v;
}

std::string join(const std::vector<std::string_view>& names) {
  return fmt::format("{}", fmt::join(names, ", "));
}

std::vector<std::string_view> commits_of(std::string_view release) {
  std::vector<std::string_view> commits;
  for (const Change& c : changes()) {
    if (c.release == release && (commits.empty() || commits.back() != c.commit))
      commits.push_back(c.commit);
  }
  return commits;
}

// Whether the commit had landed by then. The candidates of the release in which it landed may lack
// it.
bool had_landed(std::string_view commit, const Version& by) {
  const auto row = std::find_if(changes().begin(), changes().end(),
                                [&](const Change& c) { return c.commit == commit; });
  const std::optional<Version> landed = version_of(row->landed);
  return landed &&
         (landed->numbers < by.numbers || (landed->numbers == by.numbers && !by.is_candidate));
}

// With what it has of the release after it.
std::string between(std::string_view text, const Version& v, std::string_view older,
                    std::string_view newer) {
  std::string expression(older);
  for (std::string_view commit : commits_of(newer)) {
    if (had_landed(commit, v)) expression += fmt::format("+{}", commit);
  }
  const bool is_last = newer == kNewest;
  return fmt::format(
      "{}; type {}, which has all that it has of what is modelled{}{}",
      is_last ? fmt::format("{} is younger than {}, the last release that is modelled", text, older)
              : fmt::format("{} is not modelled by itself: it lies between {} and {}", text, older,
                            newer),
      expression,
      v.is_candidate || v.is_stable ? ", and a + before each commit that it has besides" : "",
      is_last ? "; or newest, which has all fixes that are known" : "");
}

std::string where_it_lies(std::string_view text, const Version& v) {
  std::string_view older;
  for (std::string_view release : releases()) {
    const std::optional<Version> r = version_of(release);
    if (!r || r->numbers > v.numbers || (r->numbers == v.numbers && v.is_candidate)) {
      return older.empty() ? fmt::format(
                                 "{} is older than {}, the first release that is modelled; "
                                 "type {}",
                                 text, release, release)
                           : between(text, v, older, release);
    }
    older = release;
    if (r->numbers != v.numbers) continue;
    return fmt::format(
        "{} is {} with backports, which are not modelled; type {} and a + before each commit that "
        "it has besides",
        text, release, release);
  }
  return {};
}

// --- Commits -------------------------------------------------------------------------------------

constexpr std::size_t kDigitsMin = 4;
constexpr std::size_t kDigitsMax = 40;

bool is_hex(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::vector<std::string_view> all_commits() {
  std::vector<std::string_view> commits;
  for (const Change& c : changes()) {
    if (std::find(commits.begin(), commits.end(), c.commit) == commits.end())
      commits.push_back(c.commit);
  }
  return commits;
}

// Of the longest that `lower` begins with; one may contain a dash (hugh-anon-vma-lock).
std::size_t known_commit_length(std::string_view lower) {
  std::size_t length = 0;
  for (const Change& c : changes()) {
    if (lower.starts_with(c.commit)) length = std::max(length, c.commit.size());
  }
  return length;
}

// Those that `id` may be: their first digits, or more digits than the chain keeps.
std::vector<std::string_view> commits_like(std::string_view id) {
  std::vector<std::string_view> found;
  for (std::string_view commit : all_commits()) {
    if (commit == id) return {commit};
    if (!is_hex(id) || !is_hex(commit) || id.size() > kDigitsMax) continue;
    if (commit.starts_with(id) || id.starts_with(commit)) found.push_back(commit);
  }
  return found;
}

// The commit of which `text` is the beginning, or that it is a slip of the pen away from.
std::string_view meant_commit(std::string_view text) {
  const std::string lower = lower_case(text);
  const std::vector<std::string_view> commits = all_commits();
  const auto begins = std::find_if(commits.begin(), commits.end(), [&](std::string_view commit) {
    return lower.size() >= kDigitsMin && commit.starts_with(lower);
  });
  return begins != commits.end() ? *begins : nearest(text, commits);
}

// What to write for a commit that stands in the place of a release.
std::string as_commit(std::string_view commit) {
  std::string_view without = kNewest;
  std::string_view with;
  for (const Change& c : changes()) {
    if (c.commit == commit && !c.release.empty()) with = c.release;
  }
  for (std::string_view release : releases()) {
    if (release == with) break;
    without = release;
  }
  return fmt::format(
      "{0} is a change, and no release; write the release to which it is added, {1}+{0}{2}", commit,
      without, with.empty() ? "" : fmt::format(", or from which it is taken, {}-{}", with, commit));
}

// "948f017b093a" and "merge"; a commit without halves has a half without a name.
KernelName half_named(std::string_view commit, std::string_view half) {
  std::vector<std::string_view> halves;
  for (const Change& c : changes()) {
    if (c.commit == commit && !c.half.empty()) halves.push_back(c.half);
  }
  if (std::find(halves.begin(), halves.end(), half) != halves.end())
    return {fmt::format("{}.{}", commit, half), {}};
  if (halves.empty())
    return {{}, fmt::format("{} has no halves; write it without '.{}'", commit, printable(half))};
  return {{},
          fmt::format("{} has no half '{}'{}; it has: {}", commit, printable(half),
                      did_you_mean(half, halves), join(halves))};
}

}  // namespace

std::size_t release_length(std::string_view text) {
  const std::string lower = lower_case(text);
  if (const std::size_t commit = known_commit_length(lower); commit > 0) return commit;
  const std::size_t tarball = lower.starts_with(kTarball) ? kTarball.size() : 0;
  const std::size_t end = std::min(lower.find_first_of(kSigns, tarball), lower.size());
  if (!lower.substr(end).starts_with(kCandidate)) return end;
  const std::size_t number = end + kCandidate.size();
  return digits_at(lower, number) == 0 ? end : number + digits_at(lower, number);
}

KernelName release_named(std::string_view text) {
  const std::string lower = lower_case(text);
  if (lower == kNewest) return {lower, {}};
  if (const std::optional<Version> v = version_of(text)) {
    const std::string name = fmt::format("v{}", fmt::join(v->numbers, "."));
    const auto known = releases();
    const bool is_known = std::find(known.begin(), known.end(), name) != known.end();
    if (is_known && !v->is_candidate && !v->is_stable) return {name, {}};
    return {{}, where_it_lies(text, *v)};
  }
  if (const std::vector<std::string_view> found = commits_like(lower); found.size() == 1)
    return {{}, as_commit(found[0])};
  return {{},
          fmt::format("no release is called '{}'{}; known: {}", printable(text),
                      did_you_mean(text, releases()), fmt::join(releases(), ", "))};
}

std::size_t commit_length(std::string_view text) {
  const std::string lower = lower_case(text);
  std::size_t end = std::min(lower.find_first_of(kSigns), lower.size());
  end = std::max(end, known_commit_length(lower));
  if (end < lower.size() && lower[end] == '.')
    end = std::min(lower.find_first_of(kSigns, end), lower.size());
  // Where none is known by that name, a dash may have been meant as a part of it.
  const std::string_view up_to_plus = text.substr(0, text.find('+'));
  const bool is_slip =
      commits_like(lower.substr(0, std::min(end, lower.rfind('.', end)))).empty() &&
      !meant_commit(up_to_plus).empty();
  return is_slip ? up_to_plus.size() : end;
}

KernelName commit_named(std::string_view text) {
  const std::string lower = lower_case(text);
  const std::size_t dot = lower.rfind('.');
  const std::string_view id = std::string_view(lower).substr(0, dot);
  const std::vector<std::string_view> found = commits_like(id);
  if (found.empty()) {
    return {
        {},
        fmt::format("no commit is called '{}'{}", printable(text), did_you_mean(meant_commit(id)))};
  }
  if (found.size() > 1 || id.size() < kDigitsMin) {
    return {{},
            fmt::format("'{}' is too short for a commit, and may be {}; give {} digits or more", id,
                        join(found), std::max(id.size() + 1, kDigitsMin))};
  }
  if (dot == std::string::npos) return {std::string(found[0]), {}};
  return half_named(found[0], std::string_view(lower).substr(dot + 1));
}

}  // namespace rmap
