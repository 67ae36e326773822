// SPDX-License-Identifier: Apache-2.0
// cri SOCKET METHOD: calls one method of a runtime's CRI service, as kubelet does: the request is
// JSON on standard input, the answer JSON on standard output, both as protobuf has it.
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/util/json_util.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <iostream>
#include <iterator>
#include <memory>
#include <string>

#include "absl/synchronization/notification.h"
#include "cri_client.pb.h"

namespace {

using google::protobuf::Message;

int Fail(const std::string& message) {
  std::cerr << message << "\n";
  return 1;
}

grpc::Status Call(const std::string& socket, const std::string& method, const std::string& request,
                  std::string& answer) {
  grpc::GenericStub stub(
      grpc::CreateChannel("unix://" + socket, grpc::InsecureChannelCredentials()));
  const grpc::Slice slice(request);
  grpc::ByteBuffer in(&slice, 1), out;
  grpc::ClientContext context;
  grpc::Status status;
  absl::Notification done;
  stub.UnaryCall(&context, "/runtime.v1.RuntimeService/" + method, {}, &in, &out,
                 [&](grpc::Status result) {
                   status = std::move(result);
                   done.Notify();
                 });
  done.WaitForNotification();
  grpc::Slice whole;
  if (status.ok() && out.DumpToSingleSlice(&whole).ok())
    answer.assign(reinterpret_cast<const char*>(whole.begin()), whole.size());
  return status;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto* method = runtime::v1::RunPodSandboxRequest::descriptor()
                           ->file()
                           ->FindServiceByName("RuntimeService")
                           ->FindMethodByName(argv[2]);
  if (method == nullptr) return Fail(std::string("no method ") + argv[2]);
  google::protobuf::DynamicMessageFactory messages;
  const std::unique_ptr<Message> request(messages.GetPrototype(method->input_type())->New());
  const std::unique_ptr<Message> answer(messages.GetPrototype(method->output_type())->New());
  const std::string text(std::istreambuf_iterator<char>(std::cin), {});
  const auto parsed = google::protobuf::util::JsonStringToMessage(text, request.get());
  if (!parsed.ok()) return Fail(parsed.ToString());
  std::string bytes, json;
  const grpc::Status status = Call(argv[1], argv[2], request->SerializeAsString(), bytes);
  if (!status.ok()) return Fail(std::string(argv[2]) + ": " + status.error_message());
  if (!answer->ParseFromString(bytes) ||
      !google::protobuf::util::MessageToJsonString(*answer, &json).ok())
    return Fail("an answer that is not of the CRI");
  std::cout << json << "\n";
  return 0;
}
