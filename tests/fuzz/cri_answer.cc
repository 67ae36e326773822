// SPDX-License-Identifier: Apache-2.0
// The runtime's verbose answer is JSON of its own making.
#include "daemon/attribution/cri_answer.h"

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace capmon;
  std::string_view rest = AsText(data, size);
  ContainerDescribed described;
  AddCriInfo(std::string(TakePart(rest)), described);
  const std::string image(TakePart(rest));
  CriImage(image, std::string(rest));
  DescribePod({.name = image,
               .name_space = "",
               .uid = std::string(rest),
               .labels = {{image, "x"}},
               .annotations = {}});
  return 0;
}
