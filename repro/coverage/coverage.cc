// SPDX-License-Identifier: Apache-2.0
#include "repro/coverage/coverage.h"

#include <fmt/format.h>

#include <map>

#include "core/kernel/chain.h"
#include "core/kernel/expression.h"

namespace rmap {
namespace {

// Random programs that show which sites a kernel has, and what they do to objects.
constexpr uint32_t kYardstick = 10'000;

std::string_view function_of(Site site) {
  const std::string_view name = kSites[site.index];
  return name.substr(0, name.find('/'));
}

// Runs one corpus under many kernels.
class Measurement {
 public:
  Measurement(const std::vector<Input>& inputs, const NamedKernel& kernel, Executors& executors)
      : inputs_(inputs), kernel_(kernel), executors_(executors) {
    for (const Input& input : inputs) programs_.push_back(program_for(input, kernel.kernel));
  }

  std::optional<CoverageReport> run(const CoverageGoOn& go_on) {
    report_.kernel = kernel_.name;
    report_.inputs = inputs_.size();
    const std::vector<Variant> variants = list_variants();
    const std::size_t all = 1 + releases().size() + variants.size();
    std::size_t done = 0;
    const auto step = [&] { return go_on(++done, all); };
    survey_here();
    if (!step() || !survey_releases(step)) return {};
    for (const Variant& v : variants) {
      tell_apart(v);
      if (!step()) return {};
    }
    add_operations();
    add_judged();
    add_functions();
    return report_;
  }

 private:
  struct Variant {
    const KernelRule* rule;
    uint8_t value;
  };

  void survey_here() {
    Executor& executor = executors_.of(kernel_.kernel);
    Survey survey;
    sched::Trace trace(0);
    for (const Program& p : programs_) {
      survey.add(p, executor.run(p, {.trace = &trace, .coverage = &survey.coverage}));
      hashes_.push_back(trace.hash());
    }
    report_.reached = survey.reached();
    survey.add_generated(executor, kYardstick);
    report_.uses = survey.interleavings.uses;
  }

  template <typename Step>
  bool survey_releases(const Step& step) {
    for (uint16_t i = 1; i < std::size(kSites); i++) {
      const Site site{i};
      report_.sites.push_back(
          {site, report_.uses[i].acquires != 0, report_.reached.has_site(site), {}});
    }
    for (std::string_view release : releases()) {
      const Kernel kernel = kernel_named(release).kernel;
      Survey survey;
      survey.add_generated(executors_.of(kernel), kYardstick);
      for (const Input& input : inputs_) {
        const Program p = program_for(input, kernel);
        survey.add(p, executors_.of(kernel).run(p, {.coverage = &survey.coverage}));
      }
      for (CoverageReport::SiteRow& row : report_.sites) {
        row.is_lock |= survey.interleavings.uses[row.site.index].acquires != 0;
        row.releases.push_back(survey.reached().has_site(row.site));
      }
      if (!step()) return false;
    }
    return true;
  }

  std::vector<Variant> list_variants() const {
    std::vector<Variant> variants;
    for (const KernelRule& rule : kernel_rules()) {
      for (uint8_t value = 0; value < rule.values.size(); value++) {
        if (value != rule.get(kernel_.kernel)) variants.push_back({&rule, value});
      }
    }
    return variants;
  }

  // The access table stays the kernel's own: what runs otherwise does so because of the code.
  void tell_apart(const Variant& v) {
    CoverageReport::RuleValue row{v.rule->name, v.rule->values[v.value]};
    Kernel kernel = kernel_.kernel;
    v.rule->set(kernel, v.value);
    row.refused = !contradiction(kernel).empty();
    if (!row.refused) {
      Executor executor(kernel, executors_.of(kernel_.kernel).table());
      sched::Trace trace(0);
      for (std::size_t i = 0; i < programs_.size(); i++) {
        executor.run(programs_[i], {.trace = &trace});
        row.told_apart += trace.hash() != hashes_[i];
      }
    }
    report_.rules.push_back(row);
  }

  void add_operations() {
    const std::size_t kinds = op_table().size();
    for (uint8_t a = 0; a < kinds; a++) {
      for (uint8_t b = a; b < kinds; b++) {
        const auto x = static_cast<OpKind>(a);
        const auto y = static_cast<OpKind>(b);
        report_.operations.push_back({x, y, report_.reached.overlapped(x, y)});
      }
    }
  }

  void add_judged() {
    const Reached& r = report_.reached;
    for (const RuleInfo& info : all_rules()) {
      if (info.rule == Rule::none) continue;
      const uint32_t bit = 1u << static_cast<uint32_t>(info.rule);
      report_.judged.push_back({info.name, info.early, (r.judged & bit) != 0,
                                ((info.early ? r.early_signs : r.broken) & bit) != 0});
    }
  }

  void add_functions() {
    std::map<std::pair<std::string_view, std::string_view>, CoverageReport::Functions> rows;
    for (uint16_t i = 1; i < std::size(kSites); i++) {
      for (uint16_t j = 1; j < std::size(kSites); j++) {
        if (!report_.uses[i].may_meet(report_.uses[j])) continue;
        const std::string_view before = function_of(Site{i});
        const std::string_view after = function_of(Site{j});
        CoverageReport::Functions& row = rows[{before, after}];
        row.before = before;
        row.after = after;
        row.conceivable++;
        row.seen += report_.reached.pairs.has(Site{i}, Site{j});
      }
    }
    for (const auto& [names, row] : rows) report_.functions.push_back(row);
  }

  const std::vector<Input>& inputs_;
  const NamedKernel& kernel_;
  Executors& executors_;
  std::vector<Program> programs_;
  std::vector<uint64_t> hashes_;
  CoverageReport report_;
};

}  // namespace

std::string CoverageReport::SiteRow::where() const {
  std::string text;
  for (std::size_t i = 0; i < releases.size(); i++) {
    if (!releases[i]) continue;
    std::size_t last = i;
    while (last + 1 < releases.size() && releases[last + 1]) last++;
    text += fmt::format("{}{}", text.empty() ? "" : ", ", rmap::releases()[i]);
    if (last != i) text += fmt::format(" to {}", rmap::releases()[last]);
    i = last;
  }
  return text;
}

uint32_t CoverageReport::conceivable_pairs() const {
  uint32_t n = 0;
  for (const Functions& f : functions) n += f.conceivable;
  return n;
}

std::optional<CoverageReport> measure_coverage(const std::vector<Input>& inputs,
                                               const NamedKernel& kernel, Executors& executors,
                                               const CoverageGoOn& go_on) {
  return Measurement(inputs, kernel, executors).run(go_on);
}

}  // namespace rmap
