#!/usr/bin/env python3
"""Packs the files of a folder into a flat zip. The same files give the same bytes, whatever their times and modes are.

SPDX-License-Identifier: Apache-2.0, see http://www.apache.org/licenses/LICENSE-2.0
Usage: pack_seeds.py FOLDER ZIP          A folder that does not exist has no seeds, and gives no zip.
"""
import os
import sys
import zipfile


def pack(folder, path):
    with zipfile.ZipFile(path, "w") as packed:
        for name in sorted(os.listdir(folder)):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            with open(os.path.join(folder, name), "rb") as seed:
                packed.writestr(entry, seed.read(), zipfile.ZIP_DEFLATED, 9)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder, path = sys.argv[1:]
    if os.path.isdir(folder):
        pack(folder, path)


main()
