// SPDX-License-Identifier: Apache-2.0
// capabilities.tsv as it was when this binary was built.
#pragma once

namespace capmon {

extern const char kCapabilitiesText[];

}  // namespace capmon
