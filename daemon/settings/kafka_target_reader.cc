// SPDX-License-Identifier: Apache-2.0
// Kafka, and what of librdkafka's settings may stand in the file.
#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "daemon/settings/target_reader.h"
#include "daemon/settings/value_forms.h"
#include "daemon/sink/kafka_options.h"

namespace capmon {
namespace {

constexpr char kBrokersExample[] = "[kafka-1:9092, kafka-2:9092]";

// What to write instead of an option that capmond does not take; "" if it takes it.
std::string RefusalOf(const std::string& option) {
  if (option == "bootstrap.servers" || option == "metadata.broker.list")
    return absl::StrCat("is brokers here; write \"brokers: ", kBrokersExample, "\"");
  if (option == "plugin.library.paths" || option.starts_with("ssl.engine."))
    return "loads code into capmond, which it does not allow; remove it";
  if (option == "sasl.kerberos.kinit.cmd")
    return "is a command that capmond would run, which it does not allow; remove it, or renew the "
           "ticket outside of capmond";
  if (option == "acks" || option == "request.required.acks" || option == "enable.idempotence")
    return "is set by capmond, so that no alert is lost; remove it";
  if (option == "ssl.key.pem")
    return "is a secret and must not stand in this file; write \"ssl.key.location: "
           "/etc/capmon/kafka.key\"";
  if (option == "ssl.key.password" || option == "ssl.keystore.password")
    return "is a secret and must not stand in this file; use a key without a password that only "
           "capmond can read, and write \"ssl.key.location: /etc/capmon/kafka.key\"";
  if (option.starts_with("sasl.oauthbearer.") || option == "enable.sasl.oauthbearer.unsecure.jwt")
    return "belongs to OAUTHBEARER, whose secret would stand in this file; use \"sasl.mechanisms: "
           "SCRAM-SHA-512\" with \"password: file:/etc/capmon/kafka.password\", or a certificate";
  if (NamesASecret(option))
    return "is a secret and must not stand in this file; remove it and write \"password: "
           "file:/etc/capmon/kafka.password\"";
  return "";
}

void CheckOption(SectionReader& reader, const YamlMember& option) {
  const KafkaOptionFault fault = CheckKafkaOption(option.key, option.value.text);
  if (fault == KafkaOptionFault::kUnknown) {
    const std::string nearest = Nearest(option.key, KafkaOptionNames());
    reader.Fail(option.place,
                absl::StrCat("librdkafka has no option ", InQuotes(option.key), "; ",
                             nearest.empty() ? "write one of those in its CONFIGURATION.md"
                                             : "did you mean \"" + nearest + "\"?"));
  } else if (fault == KafkaOptionFault::kValue) {
    reader.Fail(option.value.place,
                absl::StrCat("librdkafka does not take ", InQuotes(option.value.text), " for ",
                             option.key, "; write a value of its CONFIGURATION.md"));
  }
}

void ReadOptions(SectionReader& reader, std::map<std::string, std::string>& into) {
  const YamlMember* const options = reader.Take("options");
  if (options == nullptr) return;
  if (!options->value.is_map())
    return reader.Fail(options->value.place,
                       "options takes a map of librdkafka's settings; write "
                       "\"options: {security.protocol: sasl_ssl}\"");
  for (const YamlMember& option : options->value.members) {
    if (const std::string refusal = RefusalOf(option.key); !refusal.empty()) {
      reader.Fail(option.place, absl::StrCat(option.key, " ", refusal));
    } else if (!option.value.is_text()) {
      reader.Fail(option.value.place, absl::StrCat(InQuotes(option.key), " takes a text; write \"",
                                                   option.key, ": value\""));
    } else {
      CheckOption(reader, option);
      into[option.key] = option.value.text;
    }
  }
}

}  // namespace

KafkaTarget ReadKafkaTarget(SectionReader& reader) {
  KafkaTarget target;
  std::vector<std::string> brokers;
  if (reader.Require("brokers", kBrokersExample) &&
      reader.Texts("brokers", brokers, kBrokersExample)) {
    for (const std::string& broker : brokers)
      if (!ParseHostAndPort(broker))
        reader.Fail("brokers",
                    absl::StrCat("brokers takes a list of HOST:PORT, not ", InQuotes(broker),
                                 "; write \"brokers: ", kBrokersExample, "\""));
    target.brokers = absl::StrJoin(brokers, ",");
  }
  constexpr size_t kLongestTopic = 249;
  if (reader.Text("topic", target.topic, "capmon-alerts") &&
      (target.topic.size() > kLongestTopic || !std::ranges::all_of(target.topic, [](char c) {
         return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' ||
                c == '-';
       })))
    reader.Fail("topic", absl::StrCat("topic takes at most ", kLongestTopic,
                                      " letters, digits, ., _ and -; write \"topic: "
                                      "capmon-alerts\""));
  reader.SecretSource("password", target.password);
  ReadOptions(reader, target.options);
  return target;
}

}  // namespace capmon
