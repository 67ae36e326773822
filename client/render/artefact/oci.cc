// SPDX-License-Identifier: Apache-2.0
// Settings that runtimes read themselves: config.json.
#include "client/render/artefact/kinds.h"

namespace capmon {

Written OciProcess(const Subject& subject) {
  const std::vector<std::string> kept = FullNames(subject.keep);
  const std::vector<std::string> ambient = FullNames(subject.ambient);
  Json process;
  process["capabilities"] = {{"bounding", kept},
                             {"effective", kept},
                             {"inheritable", ambient},
                             {"permitted", kept},
                             {"ambient", ambient}};
  if (subject.no_new_privileges) process["noNewPrivileges"] = true;
  return {Json{{"process", process}}.dump(2) + "\n"};
}

}  // namespace capmon
