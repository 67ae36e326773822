// SPDX-License-Identifier: Apache-2.0
// Names of kernel functions: modules choose theirs.
#include "daemon/profile/call_sites.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace capmon;
  const std::string name = SiteName(AsText(data, size));
  Require(SiteName(name) == name || name.starts_with("sys_"), "a site's name is in its last form");
  CheckKey key;
  key.site = name;
  CallSites::BuiltIn().Find(key, {name});
  return 0;
}
