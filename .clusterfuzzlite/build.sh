#!/usr/bin/env bash
# ClusterFuzzLite builds what OSS-Fuzz builds.
# SPDX-License-Identifier: Apache-2.0, see http://www.apache.org/licenses/LICENSE-2.0
set -euo pipefail
bash "$SRC/rmapfuzz/fuzz/oss-fuzz/build.sh"
