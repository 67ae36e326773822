// SPDX-License-Identifier: Apache-2.0
// Makes messages valid UTF-8: whatever bytes a name has, the answer can be sent.
#pragma once

#include <google/protobuf/message.h>

namespace capmon {

// Escapes bytes that are not UTF-8 in every string of the message and its submessages, as ToUtf8
// does.
void MakeUtf8(google::protobuf::Message& message);

}  // namespace capmon
