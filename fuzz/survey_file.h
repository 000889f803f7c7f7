// A file that always says what a fuzzer has reached so far, so that whoever kills the fuzzer loses
// next to nothing.
//
// Mapped into memory: what was written stays, however the process ends.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/run/survey.h"

namespace rmap {

class SurveyFile {
 public:
  // Makes the file, or makes it anew. Ends the process with exit code 2 when that cannot be done.
  explicit SurveyFile(const std::string& path);
  SurveyFile(const SurveyFile&) = delete;
  SurveyFile& operator=(const SurveyFile&) = delete;

  // After each execution. Writes every now and then.
  void tick(Survey& survey) {
    if (++ticks_ % 1024 == 0) write(survey);
  }
  void write(Survey& survey);

 private:
  uint32_t ticks_ = 0;
  ReachedFile* file_;
};

}  // namespace rmap
