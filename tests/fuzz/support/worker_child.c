// A bridge worker's process that does nothing itself: it hands its end of the socket (descriptor 3) to the fuzz target,
// by the abstract socket that it is told of, gives back each byte that the target sends there, and lives until the target
// hangs up.
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

int main(int argc, char** argv) {
  if (argc != 2) return 64;
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  const size_t length = strlen(argv[1]);
  if (length + 1 > sizeof to.sun_path) return 64;
  memcpy(to.sun_path + 1, argv[1], length);
  const int line = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (connect(line, (struct sockaddr*)&to, (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length)) != 0)
    return 1;

  char byte = 0;
  struct iovec data = {&byte, 1};
  union {
    struct cmsghdr aligned;
    char room[CMSG_SPACE(sizeof(int))];
  } control = {.room = {0}};
  struct msghdr message = {
      .msg_iov = &data, .msg_iovlen = 1, .msg_control = control.room, .msg_controllen = sizeof control.room};
  struct cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  const int socket_end = 3;
  memcpy(CMSG_DATA(header), &socket_end, sizeof socket_end);
  if (sendmsg(line, &message, 0) != 1) return 1;
  close(socket_end);
  while (read(line, &byte, 1) == 1 && write(line, &byte, 1) == 1) {
  }
  return 0;
}
