// SPDX-License-Identifier: Apache-2.0
// The files of runtimes about their containers; users who run containers can write some of them.
#include "daemon/attribution/oci_files.h"

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace capmon;
  const std::string text(AsText(data, size));
  for (const auto parse : {ParseOciConfig, ParseRuncState, ParseCrunStatus, ParseDockerConfig})
    parse(text, "web");
  ParseDockerHostConfig(text);
  for (const ContainerDescribed& described : ParseStorageContainers(text))
    Require(!described.name.empty(), "only what has a name is listed");
  const std::string path = ExpandCgroupsPath(text);
  Require(path.empty() || path[0] == '/', "a path begins with a slash");
  return 0;
}
