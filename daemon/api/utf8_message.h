// SPDX-License-Identifier: Apache-2.0
// The one place through which every answer passes: whatever a name from the kernel, a file or the
// store holds, the message can be sent.
#pragma once

#include <google/protobuf/message.h>

namespace capmon {

// Escapes what is not UTF-8 in every string of the message and of those in it, as ToUtf8 does.
void MakeUtf8(google::protobuf::Message& message);

}  // namespace capmon
