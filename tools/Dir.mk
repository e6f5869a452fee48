# targets of tools/
