/* A small HTTP server on loopback for the tests of iclab data fetch: serves the files of a folder, goes on in the
 * middle of a file (Range: bytes=N-), and misbehaves when told to. */
#ifndef ICLAB_TESTS_FILE_SERVER_H
#define ICLAB_TESTS_FILE_SERVER_H

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct file_server {
    int socket;
    unsigned port;
    char folder[512];
    atomic_long cut;       /* the next answer ends after so many bytes of the file; negative: whole */
    atomic_bool no_ranges; /* every answer starts at the beginning */
    atomic_uint requests;
    atomic_long last_start; /* where the last answer started */
};

static inline bool file_server_open(struct file_server *server, const char *served)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    snprintf(server->folder, sizeof server->folder, "%s", served);
    server->cut = -1;
    server->no_ranges = false;
    server->requests = 0;
    server->last_start = -1;
    server->socket = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server->socket < 0 || bind(server->socket, (struct sockaddr *)&address, size) != 0) return false;
    if (listen(server->socket, 8) != 0 || getsockname(server->socket, (struct sockaddr *)&address, &size) != 0)
        return false;
    server->port = ntohs(address.sin_port);
    return true;
}

static inline bool send_all(int connection, const char *bytes, size_t size)
{
    while (size > 0) {
        const ssize_t sent = send(connection, bytes, size, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes += sent;
        size -= (size_t)sent;
    }
    return true;
}

static inline void send_file(struct file_server *server, int connection, FILE *file, long start)
{
    char text[256], piece[1 << 14];
    fseek(file, 0, SEEK_END);
    const long size = ftell(file), cut = atomic_exchange(&server->cut, -1);
    if (server->no_ranges) start = 0;
    server->last_start = start;
    if (start > 0 && start >= size) {
        snprintf(text, sizeof text, "HTTP/1.1 416 Range Not Satisfiable\r\nContent-Length: 0\r\n\r\n");
        (void)send_all(connection, text, strlen(text));
        return;
    }
    if (start > 0)
        snprintf(text, sizeof text,
                 "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes %ld-%ld/%ld\r\nContent-Length: %ld\r\n\r\n",
                 start, size - 1, size, size - start);
    else
        snprintf(text, sizeof text, "HTTP/1.1 200 OK\r\nContent-Length: %ld\r\n\r\n", size);
    if (!send_all(connection, text, strlen(text))) return;
    fseek(file, start, SEEK_SET);
    for (long left = cut >= 0 && cut < size - start ? cut : size - start; left > 0;) {
        const size_t wanted = left < (long)sizeof piece ? (size_t)left : sizeof piece;
        const size_t got = fread(piece, 1, wanted, file);
        if (got == 0 || !send_all(connection, piece, got)) return;
        left -= (long)got;
    }
}

static inline void answer(struct file_server *server, int connection)
{
    char request[4096], name[512], path[1100];
    size_t used = 0;
    request[0] = '\0';
    while (strstr(request, "\r\n\r\n") == NULL && used + 1 < sizeof request) {
        const ssize_t got = recv(connection, request + used, sizeof request - 1 - used, 0);
        if (got <= 0) return;
        used += (size_t)got;
        request[used] = '\0';
    }
    server->requests++;
    if (sscanf(request, "GET /%500s HTTP", name) != 1) return;
    snprintf(path, sizeof path, "%s/%s", server->folder, name);
    const char *range = strcasestr(request, "\r\nRange: bytes=");
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        static const char missing[] = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
        (void)send_all(connection, missing, sizeof missing - 1);
        return;
    }
    send_file(server, connection, file, range != NULL ? atol(range + 15) : 0);
    fclose(file);
}

/* Serves until the socket is shut down. */
static inline void *file_server_run(void *argument)
{
    struct file_server *server = argument;
    for (int connection; (connection = accept4(server->socket, NULL, NULL, SOCK_CLOEXEC)) >= 0;) {
        answer(server, connection);
        /* What the other side still says is read, so that closing does not take back what was sent. */
        shutdown(connection, SHUT_WR);
        char rest[256];
        while (recv(connection, rest, sizeof rest, 0) > 0)
            continue;
        close(connection);
    }
    return NULL;
}

#endif
