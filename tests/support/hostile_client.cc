// SPDX-License-Identifier: Apache-2.0
#include "tests/support/hostile_client.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/bio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "tests/support/connect_as.h"

namespace capmon {
namespace {

constexpr char kOtherAddress[] = "127.0.0.2";  // limits hold for each address

sockaddr_in Loopback(const char* address, int port) {
  sockaddr_in place = {};
  place.sin_family = AF_INET;
  place.sin_port = htons(static_cast<uint16_t>(port));
  ::inet_pton(AF_INET, address, &place.sin_addr);
  return place;
}

UniqueFd ConnectFromElsewhere(int port) {
  UniqueFd socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const sockaddr_in from = Loopback(kOtherAddress, 0), to = Loopback("127.0.0.1", port);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&from), sizeof(from)) != 0 ||
      ::connect(socket.get(), reinterpret_cast<const sockaddr*>(&to), sizeof(to)) != 0)
    return UniqueFd();
  return socket;
}

void DoNotBlock(const UniqueFd& socket) {
  if (socket) ::fcntl(socket.get(), F_SETFL, O_NONBLOCK);
}

using Context = std::shared_ptr<SSL_CTX>;

Context NewContext() { return {::SSL_CTX_new(::TLS_client_method()), &::SSL_CTX_free}; }

Context ContextOfMallory(const std::string& directory) {
  static const Context context = [&] {
    Context made = NewContext();
    ::SSL_CTX_use_certificate_chain_file(made.get(), (directory + "/mallory.pem").c_str());
    ::SSL_CTX_use_PrivateKey_file(made.get(), (directory + "/mallory.key").c_str(),
                                  SSL_FILETYPE_PEM);
    constexpr unsigned char kHttp2[] = {2, 'h', '2'};
    ::SSL_CTX_set_alpn_protos(made.get(), kHttp2, sizeof(kHttp2));
    return made;
  }();
  return context;
}

}  // namespace

HostileClient HostileClient::ByUnix(const std::string& socket) {
  return HostileClient(UniqueFd(ConnectAs({kMallory, kMallory}, socket)));
}

HostileClient HostileClient::ByTcp(int port) {
  UniqueFd socket = ConnectFromElsewhere(port);
  DoNotBlock(socket);
  return HostileClient(std::move(socket));
}

HostileClient HostileClient::ByTls(int port, const std::string& certificates) {
  HostileClient client(ConnectFromElsewhere(port));
  const timeval patience = {10, 0};
  ::setsockopt(client.socket_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  std::shared_ptr<SSL> tls(::SSL_new(ContextOfMallory(certificates).get()), &::SSL_free);
  ::SSL_set_fd(tls.get(), client.socket_.get());
  if (::SSL_connect(tls.get()) == 1) client.tls_ = std::move(tls);
  DoNotBlock(client.socket_);
  return client;
}

void HostileClient::Send(const std::string& bytes) const {
  if (tls_ != nullptr)
    (void)::SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()));
  else
    (void)::send(socket_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

std::string Preface() { return "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + Frame(4, 0, 0, ""); }

std::string Frame(char type, char flags, uint32_t stream, const std::string& payload) {
  const auto size = static_cast<uint32_t>(payload.size());
  std::string frame;
  for (const int shift : {16, 8, 0}) frame += static_cast<char>(size >> shift);
  frame += type;
  frame += flags;
  for (const int shift : {24, 16, 8, 0}) frame += static_cast<char>(stream >> shift);
  return frame + payload;
}

std::string Request(const std::string& method, uint32_t stream) {
  std::string headers;
  for (const auto& [name, value] : {std::pair<std::string, std::string>(":method", "POST"),
                                    {":scheme", "http"},
                                    {":path", "/capmon.v1.Capmon/" + method},
                                    {":authority", "x"},
                                    {"te", "trailers"},
                                    {"content-type", "application/grpc"}}) {
    headers += '\0';
    for (const std::string& text : {name, value}) headers += static_cast<char>(text.size()) + text;
  }
  return Frame(1, 4, stream, headers) + Frame(0, 1, stream, std::string(5, '\0'));
}

std::string ClientHello() {
  const Context context = NewContext();
  const std::shared_ptr<SSL> tls(::SSL_new(context.get()), &::SSL_free);
  BIO* const sent = ::BIO_new(::BIO_s_mem());
  ::SSL_set_bio(tls.get(), ::BIO_new(::BIO_s_mem()), sent);
  (void)::SSL_connect(tls.get());
  std::string hello(4096, '\0');
  hello.resize(static_cast<size_t>(std::max(0, ::BIO_read(sent, hello.data(), 4096))));
  return hello;
}

}  // namespace capmon
