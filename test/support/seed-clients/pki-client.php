<?php
/*
 * The PHP sample of "Token Registration (PKI) API". It has no typing errors. Moved, and nothing else:
 * host, port and the values between < > come from the environment; SCHEME=https as in the sample, else http.
 * Kept: the timestamp in seconds, where the page itself asks for milliseconds; a key "validity" that the page does not
 * know; no Accept header of its own; the administrator goes into the path as it is.
 */
 $adminUsername = getenv('ADMIN');
 $origin = (getenv('SCHEME') === 'https' ? 'https' : 'http').'://'.getenv('HOST').':'.getenv('PORT');
 $url = $origin.'/CentagateWS/webresources/cert/register/pkcs7/'.$adminUsername;
 $ch = curl_init($url);
 $secretCode = getenv('SECRET_CODE');
 $authToken = getenv('AUTH_TOKEN');
 $username = getenv('USERNAME');
 $signature = getenv('SIGNATURE');
 $validity = getenv('VALIDITY') ?: '';
 $time = time(); // get current timestamp
 $timestamp = strval($time); //convert timestamp to String
 $status = getenv('STATUS');
 $cenToken_text = $adminUsername.$authToken;
 $cenToken = hash_hmac('sha256', $cenToken_text, $secretCode); // calculate cenToken value
 $jsonData = array (
 	'username'=> $username,
 	'signature'=> $signature,
 	'validity'=> $validity,
 	'timestamp'=> $timestamp,
 	'status'=> $status,
 	'cenToken' => $cenToken
 );
 $jsonDataEncoded = json_encode($jsonData);
 curl_setopt($ch, CURLOPT_CUSTOMREQUEST, 'PUT');
 curl_setopt($ch, CURLOPT_POSTFIELDS, $jsonDataEncoded);
 curl_setopt($ch, CURLOPT_HTTPHEADER, array('Content-Type: application/json'));
 curl_setopt($ch, CURLOPT_RETURNTRANSFER, true);
 $result = curl_exec($ch);
 $obj = json_decode($result);
 if ($obj->{'code'} != 0){
 	print "Authentication fail";
 	print "Message: ".$obj->{'message'};
 	echo " <br>";
 	print "Code: ".$obj->{'code'};
 }
 else {
 	print "Authentication succeed";
 	echo " <br>";
 	print "Message: ".$obj->{'message'};
 	echo " <br>";
 	print "Code: ".$obj->{'code'};
 	echo " <br>";
 	print "Result:" ;
 	echo " <br>";
 	print $result;
 }
 curl_close($ch);
?>
