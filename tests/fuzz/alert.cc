// SPDX-License-Identifier: Apache-2.0
// Alerts of any numbers and any bytes: a container chooses names, paths, arguments and labels. The
// first byte chooses a format.
#include <iterator>
#include <nlohmann/json.hpp>

#include "common/utf8.h"
#include "daemon/encode/alert_text.h"
#include "tests/fuzz/fuzz.h"
#include "tests/support/cef_reader.h"
#include "tests/support/sample_alerts.h"

namespace capmon {
namespace {

// Takes numbers and texts off the input.
class Values {
 public:
  explicit Values(std::string_view data) : data_(data) {}
  uint64_t Number(uint64_t bound) {
    uint64_t number = 0;
    for (uint64_t left = bound; left > 0 && !data_.empty(); left >>= 8) {
      number = number << 8 | static_cast<uint8_t>(data_[0]);
      data_.remove_prefix(1);
    }
    return number % bound;
  }
  std::string Text() {
    const uint64_t size = Number(256);
    const std::string text(data_.substr(0, size == 255 ? 2 * size : size));
    data_.remove_prefix(text.size());
    return text;
  }

 private:
  std::string_view data_;
};

// True if `read` is `text`, or its beginning where a receiver's limit or a long alert cut it.
bool IsCut(std::string_view read, const std::string& text) {
  const std::string whole = VisibleLines(text);
  if (read.ends_with("...") && !whole.starts_with(read)) read.remove_suffix(3);
  return whole.starts_with(read);
}

void CheckCef(const std::string& line, const Alert& alert) {
  const auto read = ReadCef(line);
  Require(read.has_value(), "CEF is well-formed");
  const auto value = [&](const char* key) {
    const auto found = read->extension.find(key);
    return found == read->extension.end() ? std::string() : found->second;
  };
  Require(IsCut(value("msg"), alert.message), "a value is the same after CEF");
  Require(IsCut(value("flexString1"), alert.process.command_line), "a long value likewise");
  Require(IsCut(value("cs5"), alert.container.image), "a custom value likewise");
  Require(read->header.size() == 7, "no field begins within another");
}

void Check(AlertFormat format, const FeedMessage& message) {
  const std::string line = EncodeAlert(format, message, SampleSensor());
  Require(IsUtf8(line), "an alert is UTF-8");
  for (const char c : line)
    Require(static_cast<unsigned char>(c) >= ' ' && c != 0x7f, "no control character is in it");
  if (format == AlertFormat::kCef) return CheckCef(line, message.alert);
  Require(nlohmann::json::accept(line), "an alert is JSON");
  if (format != AlertFormat::kNative)
    return Require(line.size() <= kLongestAlert, "an alert is not long");
  const auto read = ParseNativeAlert(line);
  Require(read.ok() && read->alert == AsStored(message.alert), "the native format loses nothing");
}

}  // namespace
}  // namespace capmon

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace capmon;
  Values values(AsText(data, size));
  constexpr AlertFormat kFormats[] = {AlertFormat::kNative, AlertFormat::kOcsf, AlertFormat::kEcs,
                                      AlertFormat::kCef, AlertFormat::kFalco};
  const AlertFormat format = kFormats[values.Number(std::size(kFormats))];
  FeedMessage message;
  message.alert = MadeUpAlert([&](uint64_t bound) { return values.Number(bound); });
  ForEachText(message.alert, [&](std::string& text) { text = values.Text(); });
  message.feed = values.Text();
  message.sequence = values.Number(~uint64_t{0});
  Check(format, message);
  return 0;
}
