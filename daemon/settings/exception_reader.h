// SPDX-License-Identifier: Apache-2.0
// Reads the section `exceptions:` of capmond.yaml.
#pragma once

#include <vector>

#include "daemon/alert/exceptions.h"
#include "daemon/settings/section_reader.h"

namespace capmon {

std::vector<AlertException> ReadExceptions(const YamlValue& list, ReadContext context);

// Reports an id that no rule has.
bool CheckRule(SectionReader& reader, const char* key, const std::string& id);

}  // namespace capmon
