// SPDX-License-Identifier: Apache-2.0
// call_sites.tsv as it was when this binary was built.
#pragma once

namespace capmon {

extern const char kCallSitesText[];

}  // namespace capmon
