module functions.local/framework

go 1.21
