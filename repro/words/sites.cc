// SPDX-License-Identifier: Apache-2.0
#include "repro/words/words.h"
namespace rmap { Action add_sites(CLI::App&, const Io&) { return [] { return 0; }; } }
