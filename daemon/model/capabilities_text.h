// SPDX-License-Identifier: Apache-2.0
// capabilities.tsv, embedded in the binary.
#pragma once

namespace capmon {

extern const char kCapabilitiesText[];

}  // namespace capmon
