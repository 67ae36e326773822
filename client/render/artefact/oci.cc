// SPDX-License-Identifier: Apache-2.0
// Settings that runtimes read themselves: config.json.
#include "client/render/artefact/kinds.h"

namespace capmon {

Rendered OciProcess(const ArtefactInput& input) {
  const std::vector<std::string> kept = FullNames(input.keep);
  const std::vector<std::string> ambient = FullNames(input.ambient);
  Json process;
  process["capabilities"] = {{"bounding", kept},
                             {"effective", kept},
                             {"inheritable", ambient},
                             {"permitted", kept},
                             {"ambient", ambient}};
  if (input.no_new_privileges) process["noNewPrivileges"] = true;
  return {Json{{"process", process}}.dump(2) + "\n"};
}

}  // namespace capmon
