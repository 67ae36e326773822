// SPDX-License-Identifier: Apache-2.0
// The native format: every field of an alert, so that nothing is lost in the spool and the store.
// ParseNativeAlert() in encode_alert.h reads it.
#pragma once

#include "daemon/encode/alert_text.h"
#include "daemon/encode/encode_alert.h"

namespace capmon {

OrderedJson NativeAlert(const FeedMessage& message, const Sensor& sensor);

}  // namespace capmon
