// SPDX-License-Identifier: Apache-2.0
// Calls by name, and connections of other users, for tests of who may do what.
#pragma once

#include <grpcpp/grpcpp.h>

#include <string>
#include <vector>

#include "tests/support/connect_as.h"

namespace capmon {

// Every call of the service, by the schema.
std::vector<std::string> AllCalls();

// Makes a call "/SERVICE/METHOD" with the bytes of a message.
grpc::Status CallByName(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                        const std::string& request, grpc::ByteBuffer& answer);
// Makes the call, about a container that does not exist, and returns how it ended. A call that is
// not refused ends by itself.
grpc::Status MakeCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& name);

std::shared_ptr<grpc::Channel> ChannelAs(const User& user, const std::string& path);

}  // namespace capmon
