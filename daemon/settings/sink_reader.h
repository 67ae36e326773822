// SPDX-License-Identifier: Apache-2.0
// Reads the section `sinks:` of capmond.yaml.
#pragma once

#include <string>
#include <vector>

#include "daemon/settings/section_reader.h"
#include "daemon/sink/sink_settings.h"

namespace capmon {

std::vector<SinkSettings> ReadSinks(const YamlValue& list, ReadContext context);

// The types of sinks, in the order of the documents: "file", "stdout", "syslog", ...
const std::vector<std::string>& SinkTypes();

}  // namespace capmon
