/* file_server FOLDER [CUT]: serves the folder until it is killed; its port goes to standard output. The first answer
 * ends after CUT bytes. */
#include "file_server.h"

int main(int argc, char **argv)
{
    static struct file_server server;
    if (argc < 2 || !file_server_open(&server, argv[1])) return 1;
    if (argc > 2) server.cut = atol(argv[2]);
    printf("%u\n", server.port);
    fflush(stdout);
    file_server_run(&server);
    return 0;
}
