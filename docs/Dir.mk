# targets of docs/
