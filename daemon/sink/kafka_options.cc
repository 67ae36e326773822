// SPDX-License-Identifier: Apache-2.0
#include "daemon/sink/kafka_options.h"

#include <librdkafka/rdkafka.h>

#include <memory>

namespace capmon {
namespace {

using Configuration = std::unique_ptr<rd_kafka_conf_t, decltype(&rd_kafka_conf_destroy)>;

}  // namespace

KafkaOptionFault CheckKafkaOption(const std::string& name, const std::string& value) {
  const Configuration configuration(rd_kafka_conf_new(), rd_kafka_conf_destroy);
  switch (rd_kafka_conf_set(configuration.get(), name.c_str(), value.c_str(), nullptr, 0)) {
    case RD_KAFKA_CONF_OK: return KafkaOptionFault::kNone;
    case RD_KAFKA_CONF_UNKNOWN: return KafkaOptionFault::kUnknown;
    default: return KafkaOptionFault::kValue;
  }
}

const std::vector<std::string>& KafkaOptionNames() {
  static const auto& kNames = *new auto([] {
    std::vector<std::string> names;
    const Configuration configuration(rd_kafka_conf_new(), rd_kafka_conf_destroy);
    size_t count = 0;
    const char** const all = rd_kafka_conf_dump(configuration.get(), &count);
    for (size_t i = 0; i + 1 < count; i += 2) names.emplace_back(all[i]);  // name, value, name, ...
    rd_kafka_conf_dump_free(all, count);
    return names;
  }());
  return kNames;
}

}  // namespace capmon
