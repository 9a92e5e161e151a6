DROP TABLE link_check;
