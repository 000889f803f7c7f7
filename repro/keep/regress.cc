// SPDX-License-Identifier: Apache-2.0
#include "repro/keep/regress.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "core/text/hint.h"

namespace rmap {
namespace {

namespace fs = std::filesystem;

// What people and campaigns put beside inputs.
bool is_taken(const fs::path& path) {
  constexpr std::string_view kOthers[] = {".md", ".txt", ".json", ".html"};
  return !path.filename().native().starts_with('.') &&
         std::find(std::begin(kOthers), std::end(kOthers), path.extension()) == std::end(kOthers);
}

void add_folder(const fs::path& folder, std::vector<std::string>& files,
                std::vector<Unusable>& errors) {
  std::error_code code;
  fs::directory_iterator it(folder, code);
  for (; !code && it != fs::directory_iterator(); it.increment(code)) {
    std::error_code unknown;
    if (!is_taken(it->path())) continue;
    if (it->is_directory(unknown)) {
      if (!it->is_symlink(unknown)) add_folder(it->path(), files, errors);
    } else if (it->is_regular_file(unknown)) {
      files.push_back(it->path().string());
    }
  }
  if (code) {
    errors.push_back(
        {folder.string(), fmt::format("{}: cannot be read ({}); check the folder and its rights",
                                      folder.string(), code.message())});
  }
}

// The first expectation that some execution must show.
const Expectation* expects_finding(const Litmus& litmus) {
  for (const Expectation& e : litmus.expectations) {
    if (e.verdict != Verdict::never) return &e;
  }
  return nullptr;
}

Judgement keeps_nothing(const Expectation& e, const std::string& path) {
  return {Standing::failed, "", e.line,
          fmt::format("expects {}, and keeps no execution that shows it; restore the file, or have "
                      "a witness added: {} litmus --update {}",
                      print_expectation(e), tool(), hinted(path)),
          true};
}

}  // namespace

std::vector<std::string> regress_files(const std::vector<std::string>& paths,
                                       std::vector<Unusable>& errors) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    std::error_code code;
    if (!fs::is_directory(path, code)) {
      files.push_back(path);  // If it is missing, reading it says so.
      continue;
    }
    const std::size_t before = files.size() + errors.size();
    // Without a slash at the end, which would be doubled.
    const fs::path folder =
        path.size() > 1 && path.ends_with('/') ? path.substr(0, path.size() - 1) : path;
    add_folder(folder, files, errors);
    if (files.size() + errors.size() == before)
      errors.push_back({path, path + ": holds no inputs; name another folder"});
  }
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  return files;
}

int RegressReport::code() const {
  int code = kClean;
  if (inconclusive > 0 || stale > 0) code = worse(code, kInconclusive);
  if (failed > 0) code = worse(code, kFinding);
  if (unreadable > 0 || !errors.empty()) code = worse(code, kBadInput);
  return code;
}

Regress::Regress(RegressOptions options, const std::vector<std::string>& paths)
    : options_(std::move(options)) {
  report_.files = regress_files(paths, report_.errors);
}

bool Regress::next() {
  if (report_.replayed == report_.files.size()) return false;
  remarks_before_ = report_.remarks.size();
  const std::string& path = report_.files[report_.replayed];
  const std::string wrong = read_input_file(path, content_);
  InputResult result =
      wrong.empty() ? read_input(path, std::move(content_)) : InputResult{std::nullopt, wrong};
  if (!result.input) {
    report_.unreadable++;
    report_.remarks.push_back({report_.replayed, 0, "", Standing::failed, result.error});
  } else {
    switch (replay(*result.input)) {
      case Standing::holds: report_.passed++; break;
      case Standing::stale: report_.stale++; break;
      case Standing::inconclusive: report_.inconclusive++; break;
      case Standing::failed: report_.failed++; break;
    }
    content_ = std::move(result.input->content);
  }
  report_.replayed++;
  return true;
}

// The worst standing under the kernels that the file is about.
Standing Regress::replay(const Input& input) {
  const std::vector<Kept> all = kept_in(input.litmus);
  if (all.empty()) {
    if (const Expectation* e = expects_finding(input.litmus))
      return note(e->kernel, keeps_nothing(*e, input.path));
    return note(options_.kernel, replay_plain(input));
  }
  Standing worst = Standing::holds;
  for (const Kept& kept : all)
    worst = std::max(worst, note(kept.kernel, replayer_.judge(input.litmus, kept)));
  return worst;
}

Judgement Regress::replay_plain(const Input& input) {
  const Result& r = executors_.of(options_.kernel).run(input.litmus.program);
  if (r.outcome.ending == sched::Ending::step_limit)
    return {Standing::inconclusive, "", 0, "the step limit was reached"};
  const std::string_view rule = broken_rule(r);
  if (r.finding() == options_.expect_finding) return {Standing::holds, rule, 0, {}};
  return {Standing::failed, rule, 0,
          rule.empty() ? fmt::format("shows no finding under {}", options_.kernel)
                       : fmt::format("shows {} under {}", rule, options_.kernel)};
}

Standing Regress::note(std::string_view kernel, Judgement j) {
  RegressRow& r = row(kernel);
  r.files++;
  r.failed += j.standing == Standing::failed;
  r.stale += j.standing == Standing::stale;
  r.inconclusive += j.standing == Standing::inconclusive;
  if (!j.rule.empty()) {
    r.findings[j.rule]++;
  } else if (j.standing != Standing::inconclusive && !j.by_hand) {
    r.clean++;
  }
  if (j.standing == Standing::stale) {
    j.what += fmt::format("; {} rebase {}", tool(), hinted(report_.files[report_.replayed]));
  }
  if (j.standing != Standing::holds) {
    report_.remarks.push_back(
        {report_.replayed, j.line, std::string(kernel), j.standing, std::move(j.what)});
  }
  return j.standing;
}

RegressRow& Regress::row(std::string_view kernel) {
  for (RegressRow& r : report_.rows) {
    if (r.kernel == kernel) return r;
  }
  report_.rows.push_back({.kernel = std::string(kernel)});
  return report_.rows.back();
}

}  // namespace rmap
