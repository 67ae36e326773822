// SPDX-License-Identifier: Apache-2.0
#include "tests/api/any_call.h"

#include <google/protobuf/descriptor.h>
#include <grpcpp/create_channel_posix.h>
#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>

#include <cstring>

#include "capmon/v1/capmon.pb.h"

namespace capmon {

std::vector<std::string> AllCalls() {
  const auto* const service =
      v1::GetStatusRequest::descriptor()->file()->FindServiceByName("Capmon");
  std::vector<std::string> calls;
  for (int i = 0; i < service->method_count(); ++i) calls.push_back(service->method(i)->name());
  return calls;
}

grpc::Status CallByName(const std::shared_ptr<grpc::Channel>& channel, const std::string& method,
                        const std::string& request, grpc::ByteBuffer& answer) {
  grpc::GenericStub stub(channel);
  grpc::ClientContext call;
  grpc::CompletionQueue queue;
  const grpc::Slice bytes(request);
  const grpc::ByteBuffer sent(&bytes, 1);
  grpc::Status status;
  const auto reader = stub.PrepareUnaryCall(&call, method, sent, &queue);
  reader->StartCall();
  reader->Finish(&answer, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  return status;
}

grpc::Status MakeCall(const std::shared_ptr<grpc::Channel>& channel, const std::string& name) {
  // The first field of most requests names a container or a workload. `past_only` ends a stream.
  const std::string request = name == "WatchAlerts" ? "\x10\x01" : "\x0a\x07nothing";
  grpc::ByteBuffer answer;
  return CallByName(channel, "/capmon.v1.Capmon/" + name, request, answer);
}

std::shared_ptr<grpc::Channel> ChannelAs(const User& user, const std::string& path) {
  const int socket = ConnectAs(user, path);
  EXPECT_GE(socket, 0) << std::strerror(-socket);
  return grpc::CreateInsecureChannelFromFd("capmond", socket);
}

}  // namespace capmon
