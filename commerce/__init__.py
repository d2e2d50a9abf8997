"""우리동네 상권정보: what the pages, the queries and the command line share."""
