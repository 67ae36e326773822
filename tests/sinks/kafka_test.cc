// SPDX-License-Identifier: Apache-2.0
// Kafka to the cluster that librdkafka brings for tests: real brokers of the protocol on loopback.
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <array>

#include "tests/sinks/receivers.h"
#include "tests/support/eventually.h"
#include "tests/support/sample_alerts.h"

namespace capmon {
namespace {

constexpr char kTopic[] = "capmon-alerts";
constexpr int kApiKeyProduce = 0;

class Kafka : public testing::Test {
 protected:
  Kafka() {
    std::array<char, 256> error{};
    owner_ = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), error.data(), error.size());
    cluster_ = rd_kafka_mock_cluster_new(owner_, 3);
    rd_kafka_mock_topic_create(cluster_, kTopic, 4, 1);
  }
  ~Kafka() override {
    rd_kafka_mock_cluster_destroy(cluster_);
    rd_kafka_destroy(owner_);
  }

  SinkSettings Settings() const {
    KafkaTarget target;
    target.brokers = rd_kafka_mock_cluster_bootstraps(cluster_);
    SinkSettings settings;
    settings.name = "bus";
    settings.target = target;
    return settings;
  }

  // All values in the topic, in the order of their partitions.
  std::vector<std::string> Consumed(size_t count) const {
    std::array<char, 256> error{};
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    const auto set = [&](const char* name, const std::string& value) {
      rd_kafka_conf_set(conf, name, value.c_str(), error.data(), error.size());
    };
    set("bootstrap.servers", rd_kafka_mock_cluster_bootstraps(cluster_));
    set("group.id", "test");
    set("auto.offset.reset", "earliest");
    rd_kafka_t* consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error.data(), error.size());
    EXPECT_NE(consumer, nullptr) << error.data();
    rd_kafka_topic_partition_list_t* all = rd_kafka_topic_partition_list_new(4);
    for (int i = 0; i < 4; ++i)
      rd_kafka_topic_partition_list_add(all, kTopic, i)->offset = RD_KAFKA_OFFSET_BEGINNING;
    rd_kafka_assign(consumer, all);
    rd_kafka_topic_partition_list_destroy(all);
    std::vector<std::string> values;
    EXPECT_TRUE(Eventually([&] {
      while (rd_kafka_message_t* message = rd_kafka_consumer_poll(consumer, 100)) {
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
          values.emplace_back(static_cast<const char*>(message->payload), message->len);
        rd_kafka_message_destroy(message);
      }
      return values.size() >= count;
    }));
    rd_kafka_consumer_close(consumer);
    rd_kafka_destroy(consumer);
    return values;
  }

  rd_kafka_t* owner_;
  rd_kafka_mock_cluster_t* cluster_;
};

TEST_F(Kafka, HasEveryAlertOnceAndInOrder) {
  const SinkSettings settings = Settings();
  const std::vector<Alert> alerts = ManyAlerts(500);
  const auto sink = OpenSink(settings);
  Deliver(*sink, alerts);
  EXPECT_TRUE(Eventually([&] { return sink->State().delivered == 500; }));
  EXPECT_EQ(Consumed(500), ExpectedLines(settings, alerts));
}

TEST_F(Kafka, TriesAgainAfterErrorsOfTheBrokers) {
  rd_kafka_mock_push_request_errors(
      cluster_, kApiKeyProduce, 3, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
      RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS, RD_KAFKA_RESP_ERR__TRANSPORT);
  const SinkSettings settings = Settings();
  const std::vector<Alert> alerts = ManyAlerts(50);
  Deliver(*OpenSink(settings), alerts);
  EXPECT_EQ(Consumed(50), ExpectedLines(settings, alerts));
}

TEST_F(Kafka, SetsAsideWhatIsTooLarge) {
  SinkSettings settings = Settings();
  std::get<KafkaTarget>(settings.target).options = {{"message.max.bytes", "3000"}};
  Alert large = ManyAlerts(1)[0];
  large.message = std::string(4000, 'x');
  Alert small = ManyAlerts(2)[1];
  small.container = {};
  const auto sink = OpenSink(settings);
  Deliver(*sink, {small, large, small});
  EXPECT_TRUE(Eventually([&] { return sink->State().delivered == 2; }));
  EXPECT_EQ(sink->State().refused, 1u);
}

TEST_F(Kafka, EndsSoonWhileTheBrokersAreAway) {
  SinkSettings settings = Settings();
  for (int broker = 1; broker <= 3; ++broker) rd_kafka_mock_broker_set_down(cluster_, broker);
  const auto sink = OpenSink(settings);
  EXPECT_TRUE(sink->Put(ManyAlerts(1)[0]));
  EXPECT_FALSE(sink->Flush(std::chrono::milliseconds(300)).ok());
}

TEST(KafkaSettings, AnUnknownOptionIsRefusedAtOnce) {
  SinkSettings settings;
  settings.name = "bus";
  KafkaTarget target;
  target.brokers = "127.0.0.1:9";
  target.options = {{"no.such.option", "1"}};
  settings.target = target;
  EXPECT_TRUE(absl::IsInvalidArgument(Sink::Open(settings, {}, "").status()));
}

}  // namespace
}  // namespace capmon
