// SPDX-License-Identifier: Apache-2.0
// Whether librdkafka takes an option, as it says itself. Connects to nothing.
#pragma once

#include <string>
#include <vector>

namespace capmon {

enum class KafkaOptionFault { kNone, kUnknown, kValue };
// Never call it with an option that loads code.
KafkaOptionFault CheckKafkaOption(const std::string& name, const std::string& value);
const std::vector<std::string>& KafkaOptionNames();

}  // namespace capmon
