// SPDX-License-Identifier: Apache-2.0
#include "daemon/encode/encode_alert.h"

#include "daemon/encode/alert_text.h"
#include "daemon/encode/cef.h"
#include "daemon/encode/ecs.h"
#include "daemon/encode/falco.h"
#include "daemon/encode/native.h"
#include "daemon/encode/ocsf.h"
#include "daemon/encode/shortened.h"

namespace capmon {
namespace {

std::string Encode(AlertFormat format, const FeedMessage& message, const Sensor& sensor) {
  switch (format) {
    case AlertFormat::kNative: return Line(NativeAlert(message, sensor));
    case AlertFormat::kOcsf:
      return Line(message.alert.unneeded.empty() ? OcsfFinding(message, sensor)
                                                 : OcsfPosture(message, sensor));
    case AlertFormat::kEcs: return Line(EcsDocument(message, sensor));
    case AlertFormat::kCef: return CefLine(message, sensor);
    case AlertFormat::kFalco: return Line(FalcoAlert(message, sensor));
  }
  return "";
}

}  // namespace

const char* Name(AlertFormat format) {
  switch (format) {
    case AlertFormat::kNative: return "native";
    case AlertFormat::kOcsf: return "ocsf";
    case AlertFormat::kEcs: return "ecs";
    case AlertFormat::kCef: return "cef";
    case AlertFormat::kFalco: return "falco";
  }
  return "unknown";
}

std::optional<AlertFormat> ParseAlertFormat(std::string_view name) {
  for (const AlertFormat format : {AlertFormat::kNative, AlertFormat::kOcsf, AlertFormat::kEcs,
                                   AlertFormat::kCef, AlertFormat::kFalco})
    if (name == Name(format)) return format;
  return std::nullopt;
}

std::string EncodeAlert(AlertFormat format, const FeedMessage& message, const Sensor& sensor) {
  std::string text = Encode(format, message, sensor);
  if (format == AlertFormat::kNative) return text;
  for (int step = 1; step <= kShorteningSteps && text.size() > kLongestAlert; ++step)
    text = Encode(format, Shortened(message, step), sensor);
  return text;
}

}  // namespace capmon
