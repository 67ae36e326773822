// SPDX-License-Identifier: Apache-2.0
// alert_writer OUT: writes OUT/FORMAT.txt, a line for each of the same alerts, in every format.
#include <fstream>
#include <iostream>
#include <random>

#include "tests/support/sample_alerts.h"

namespace capmon {
namespace {

constexpr int kMadeUp = 300;

std::vector<FeedMessage> Messages() {
  std::vector<FeedMessage> messages;
  for (const SampleAlert& sample : SampleAlerts()) messages.push_back(sample.message);
  std::mt19937_64 random(3);
  const auto number = [&](uint64_t bound) { return random() % bound; };
  for (uint64_t i = 0; i < kMadeUp; ++i)
    messages.push_back({.feed = "siem", .sequence = i, .alert = MadeUpAlert(number)});
  return messages;
}

bool WriteAlerts(const std::string& out, AlertFormat format) {
  std::ofstream file(out + "/" + Name(format) + ".txt");
  for (const FeedMessage& message : Messages())
    file << EncodeAlert(format, message, SampleSensor()) << '\n';
  return file.flush().good();
}

}  // namespace
}  // namespace capmon

int main(int argc, char** argv) {
  using namespace capmon;
  if (argc != 2) return 2;
  for (const AlertFormat format : {AlertFormat::kNative, AlertFormat::kOcsf, AlertFormat::kEcs,
                                   AlertFormat::kCef, AlertFormat::kFalco}) {
    if (WriteAlerts(argv[1], format)) continue;
    std::cerr << "cannot write alerts into " << argv[1] << '\n';
    return 1;
  }
  return 0;
}
